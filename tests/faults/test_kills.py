from __future__ import annotations
import time
from tests.faults.undisturbed import Undisturbed
from tests.faults.comparison import differences
from tests.faults.worlds import WorldMaker
from tests.faults.worker import Fault

def test_walk(undisturbed: Undisturbed, maker: WorldMaker):
    u = undisturbed
    for w in (u.planned,u.landed,u.certified,u.loaded,u.built,u.published): print(w.names.bucket, len(w.files()))
    print([f["name"] for f in u.large], len(u.small))
    a=time.time()
    with maker.copied(u.planned) as w:
        print("copy", time.time()-a); a=time.time()
        for f,st in ((u.small[0],"land"),(u.large[0],"land"),(u.small[0],"certify"),(u.large[0],"certify")):
            o=w.run(st, file=f, fault=Fault(trace=True)); assert o.is_done,o.log
            print(st, f["name"], len(o.passed), *o.passed, sep="\n   ")
        print("steps", time.time()-a); a=time.time()
    a=time.time()
    with maker.copied(u.certified) as w:
        for st in ("copy_to_bronze","build","publish"):
            a=time.time()
            o=w.run(st, fault=Fault(trace=True)); assert o.is_done,o.log
            print(st, len(o.passed), *(o.passed if st!="build" else o.passed[:40]), sep="\n   ")
            print(st, time.time()-a)
        a=time.time()
        print("DIFF", list(map(str,differences(u.published, w))), time.time()-a)
    assert 0
