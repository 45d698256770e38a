"""The 53 places of CMS's files: CCN prefixes, share of the nation's facilities, region, ZIP range, a box inside, counties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

#: state; CCN prefixes; facilities; CMS region; ZIP3 range; area code; latitude and longitude of a box inside the state;
#: HPRD and contract share of PBJ 2024 relative to the nation; counties as name:FIPS:city.
_TABLE = """
AL|01|225|4|350-369|205|31.6-34.4|87.9-85.8|1.04|0.3|Jefferson:073:BIRMINGHAM,Mobile:097:MOBILE,Madison:089:HUNTSVILLE
AK|02|20|10|995-997|907|61.3-64.8|150.0-146.5|1.85|1.6|Anchorage:020:ANCHORAGE,Fairbanks North Star:090:FAIRBANKS
AZ|03|141|9|850-865|602|32.3-36.5|113.6-109.9|1.03|1.0|Maricopa:013:PHOENIX,Pima:019:TUCSON,Pinal:021:CASA GRANDE
AR|04|218|6|716-729|501|33.3-36.2|93.9-91.6|1.06|0.4|Pulaski:119:LITTLE ROCK,Benton:007:ROGERS,Craighead:031:JONESBORO
CA|05,55|1171|9|900-961|213|35.4-38.9|120.9-119.2|1.11|0.5|Los Angeles:037:LOS ANGELES,San Diego:073:SAN DIEGO,Orange:059:ANAHEIM,Alameda:001:OAKLAND,Fresno:019:FRESNO
CO|06|217|8|800-816|303|37.4-40.7|108.5-103.0|1.01|1.3|Denver:031:DENVER,El Paso:041:COLORADO SPRINGS,Larimer:069:FORT COLLINS
CT|07|201|1|060-069|203|41.5-41.9|73.2-72.1|1.00|0.6|Hartford:003:HARTFORD,New Haven:009:NEW HAVEN,Fairfield:001:BRIDGEPORT
DE|08|44|3|197-199|302|38.7-39.7|75.6-75.3|1.10|1.0|New Castle:003:WILMINGTON,Sussex:005:LEWES
DC|09|17|3|200-205|202|38.87-38.95|77.05-76.95|1.18|0.9|The District:001:WASHINGTON
FL|10,68|697|4|320-349|305|26.3-29.9|81.9-80.8|1.06|0.7|Miami-Dade:086:MIAMI,Broward:011:FORT LAUDERDALE,Pinellas:103:CLEARWATER,Hillsborough:057:TAMPA
GA|11|357|4|300-319|404|31.0-34.4|84.9-82.4|0.95|1.1|Fulton:121:ATLANTA,DeKalb:089:DECATUR,Chatham:051:SAVANNAH
HI|12|42|9|967-968|808|19.5-19.9|155.8-155.2|1.27|0.8|Hawaii:001:HILO,Honolulu:003:HONOLULU
ID|13|79|10|832-838|208|42.4-44.2|116.3-112.3|1.07|1.1|Ada:001:BOISE,Canyon:027:NAMPA,Kootenai:055:COEUR D'ALENE
IL|14|676|5|600-629|312|38.6-42.1|90.0-88.1|0.90|1.1|Cook:031:CHICAGO,DuPage:043:WHEATON,Will:197:JOLIET,Peoria:143:PEORIA
IN|15|507|5|460-479|317|38.6-41.4|87.2-85.1|0.96|0.9|Marion:097:INDIANAPOLIS,Lake:089:GARY,Allen:003:FORT WAYNE
IA|16|401|7|500-528|515|41.0-43.2|95.4-91.5|0.99|1.2|Polk:153:DES MOINES,Linn:113:CEDAR RAPIDS,Scott:163:DAVENPORT
KS|17|303|7|660-679|316|37.4-39.6|101.4-95.3|1.07|1.0|Sedgwick:173:WICHITA,Johnson:091:OVERLAND PARK,Shawnee:177:TOPEKA
KY|18|271|4|400-427|502|37.0-38.3|87.6-83.4|1.01|1.1|Jefferson:111:LOUISVILLE,Fayette:067:LEXINGTON,Kenton:117:COVINGTON
LA|19|264|6|700-714|504|30.2-32.8|93.2-91.3|0.98|0.4|Orleans:071:NEW ORLEANS,East Baton Rouge:033:BATON ROUGE,Caddo:017:SHREVEPORT
ME|20|81|1|039-049|207|44.0-46.5|70.4-68.4|1.17|2.2|Cumberland:005:PORTLAND,Penobscot:019:BANGOR,York:031:SACO
MD|21|223|3|206-219|410|39.1-39.6|77.6-76.2|1.03|1.2|Baltimore:005:TOWSON,Montgomery:031:ROCKVILLE,Baltimore City:510:BALTIMORE
MA|22|343|1|010-027|617|42.1-42.6|72.7-71.1|1.00|1.4|Middlesex:017:CAMBRIDGE,Worcester:027:WORCESTER,Suffolk:025:BOSTON
MI|23|422|5|480-499|313|42.1-44.6|85.9-83.2|1.03|0.9|Wayne:163:DETROIT,Oakland:125:PONTIAC,Kent:081:GRAND RAPIDS
MN|24|344|5|550-567|612|44.0-47.6|95.9-93.2|1.13|1.3|Hennepin:053:MINNEAPOLIS,Ramsey:123:SAINT PAUL,St. Louis:137:DULUTH
MS|25|202|4|386-397|601|31.3-34.7|90.4-88.6|1.05|0.5|Hinds:049:JACKSON,Harrison:047:GULFPORT,Lee:081:TUPELO
MO|26|489|7|630-658|314|37.0-40.3|94.3-90.8|0.93|1.0|St. Louis:189:SAINT LOUIS,Jackson:095:KANSAS CITY,Greene:077:SPRINGFIELD
MT|27|59|8|590-599|406|45.5-48.5|113.4-104.6|1.03|2.3|Yellowstone:111:BILLINGS,Missoula:063:MISSOULA,Cascade:013:GREAT FALLS
NE|28|183|7|680-693|402|40.3-42.6|102.4-96.5|1.07|1.4|Douglas:055:OMAHA,Lancaster:109:LINCOLN,Hall:079:GRAND ISLAND
NV|29|65|9|889-898|702|37.6-41.6|118.8-114.8|1.07|1.0|Clark:003:LAS VEGAS,Washoe:031:RENO
NH|30|73|1|030-038|603|42.9-44.5|71.9-71.2|1.03|2.1|Hillsborough:011:MANCHESTER,Merrimack:013:CONCORD,Rockingham:015:EXETER
NJ|31|346|2|070-089|201|39.9-40.9|74.9-74.3|1.00|1.6|Bergen:003:HACKENSACK,Essex:013:NEWARK,Camden:007:CHERRY HILL
NM|32|66|6|870-884|505|32.4-36.6|108.4-103.6|0.96|1.7|Bernalillo:001:ALBUQUERQUE,Dona Ana:013:LAS CRUCES,Santa Fe:049:SANTA FE
NY|33|606|2|100-149|212|42.1-44.0|77.9-73.9|0.96|1.5|Kings:047:BROOKLYN,Queens:081:FLUSHING,Erie:029:BUFFALO,Nassau:059:MINEOLA,Monroe:055:ROCHESTER
NC|34|418|4|270-289|919|35.2-36.3|82.2-77.3|0.96|1.6|Mecklenburg:119:CHARLOTTE,Wake:183:RALEIGH,Guilford:081:GREENSBORO
ND|35|75|8|580-588|701|46.2-48.7|103.3-97.6|1.19|1.7|Cass:017:FARGO,Burleigh:015:BISMARCK,Ward:101:MINOT
OH|36|927|5|430-458|614|39.3-41.3|84.5-80.9|0.97|1.1|Cuyahoga:035:CLEVELAND,Franklin:049:COLUMBUS,Hamilton:061:CINCINNATI,Montgomery:113:DAYTON,Lucas:095:TOLEDO
OK|37|289|6|730-749|405|34.5-36.8|98.9-94.8|1.01|0.3|Oklahoma:109:OKLAHOMA CITY,Tulsa:143:TULSA,Comanche:031:LAWTON
OR|38|126|10|970-979|503|42.4-45.4|123.3-117.5|1.28|1.8|Multnomah:051:PORTLAND,Marion:047:SALEM,Lane:039:EUGENE
PA|39|667|3|150-196|215|40.0-41.7|80.2-75.6|1.00|2.0|Philadelphia:101:PHILADELPHIA,Allegheny:003:PITTSBURGH,Lancaster:071:LANCASTER,Bucks:017:DOYLESTOWN
PR|40|6|2|006-009|787|18.1-18.4|66.9-66.0|1.40|0.2|San Juan:127:SAN JUAN,Ponce:113:PONCE
RI|41|74|1|028-029|401|41.6-41.9|71.7-71.5|1.01|1.6|Providence:007:PROVIDENCE,Kent:003:WARWICK
SC|42|186|4|290-299|803|33.2-34.8|82.1-79.6|1.01|1.3|Greenville:045:GREENVILLE,Charleston:019:CHARLESTON,Richland:079:COLUMBIA
SD|43|98|8|570-577|605|43.3-45.6|103.3-97.1|0.99|1.4|Minnehaha:099:SIOUX FALLS,Pennington:103:RAPID CITY
TN|44|311|4|370-385|615|35.3-36.4|89.3-83.0|0.98|0.9|Shelby:157:MEMPHIS,Davidson:037:NASHVILLE,Knox:093:KNOXVILLE
TX|45,67|1187|6|750-799|214|29.3-33.0|100.5-95.2|0.92|0.5|Harris:201:HOUSTON,Dallas:113:DALLAS,Bexar:029:SAN ANTONIO,Tarrant:439:FORT WORTH,Travis:453:AUSTIN
UT|46|97|8|840-847|801|37.5-40.9|113.1-109.4|1.08|0.9|Salt Lake:035:SALT LAKE CITY,Utah:049:PROVO,Weber:057:OGDEN
VT|47|34|1|050-059|802|43.0-44.8|73.0-72.4|1.10|3.9|Chittenden:007:BURLINGTON,Rutland:021:RUTLAND
VA|49|288|3|220-246|804|36.8-38.6|80.7-76.9|0.95|1.1|Fairfax:059:FAIRFAX,Henrico:087:RICHMOND,Virginia Beach City:810:VIRGINIA BEACH
WA|50|197|10|980-994|206|46.2-48.6|122.1-117.4|1.09|1.2|King:033:SEATTLE,Pierce:053:TACOMA,Spokane:063:SPOKANE
WV|51|122|3|247-268|304|38.1-39.4|81.9-79.7|1.01|1.9|Kanawha:039:CHARLESTON,Cabell:011:HUNTINGTON
WI|52|327|5|530-549|414|42.8-45.8|91.3-88.2|1.05|1.3|Milwaukee:079:MILWAUKEE,Dane:025:MADISON,Brown:009:GREEN BAY
WY|53|34|8|820-831|307|41.3-44.7|110.7-104.5|1.02|1.3|Laramie:021:CHEYENNE,Natrona:025:CASPER
GU|65|1|9|969-969|671|13.42-13.52|-144.72--144.83|1.50|0.1|Guam:010:BARRIGADA
"""  # noqa: E501
#: A small world keeps to these: large and small, east and west, leading zeros, and Puerto Rico.
SMALL_WORLD = ("AL", "CA", "CT", "FL", "GA", "IL", "IN", "MA", "MO", "NY", "OH", "PA", "PR", "RI", "TX", "WA")


@dataclass(frozen=True)
class County:
    name: str
    fips: str
    city: str

    @property
    def ssa_code(self) -> str:
        """SSA numbers the counties of a state in steps of ten."""
        return f"{(int(self.fips) + 1) // 2 * 10 % 1000:03d}"


@dataclass(frozen=True)
class State:
    code: str
    prefixes: tuple[str, ...]
    facilities: int
    region: int
    zip3: tuple[int, int]
    area_code: str
    latitude: tuple[float, float]
    longitude: tuple[float, float]
    hprd_factor: float
    contract_factor: float
    counties: tuple[County, ...]


def _range(text: str) -> tuple[float, float]:
    low, high = text.lstrip("-").split("-", 1)
    return float(low), float(high.lstrip("-"))


def _parse(line: str) -> State:
    code, prefixes, count, region, zip3, area, latitude, longitude, hprd, contract, counties = line.split("|")
    west = -1.0 if not longitude.startswith("-") else 1.0
    return State(
        code=code,
        prefixes=tuple(prefixes.split(",")),
        facilities=int(count),
        region=int(region),
        zip3=(int(zip3[:3]), int(zip3[4:])),
        area_code=area,
        latitude=_range(latitude),
        longitude=(west * _range(longitude)[0], west * _range(longitude)[1]),
        hprd_factor=float(hprd),
        contract_factor=float(contract),
        counties=tuple(County(*county.split(":")) for county in counties.split(",")),
    )


@cache
def all_states() -> tuple[State, ...]:
    return tuple(_parse(line) for line in _TABLE.strip().splitlines())


def states_for(facilities: int) -> tuple[State, ...]:
    """A world too small for every state has the chosen sixteen."""
    states = all_states()
    return states if facilities >= 1_000 else tuple(state for state in states if state.code in SMALL_WORLD)
