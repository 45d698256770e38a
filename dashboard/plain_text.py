"""Names out of the data as nothing but text: Streamlit reads Markdown in titles, captions and labels, Plotly tags in its texts.

A facility could else name itself with a link, or with an image that tells a stranger who looks at it.
"""

from __future__ import annotations

import html
import re

_MARKDOWN = re.compile(r"([\\`*_\[\]<~$])")  # emphasis, code, links, images, colours, formulas, addresses


def in_markdown(text: object) -> str:
    """For every `st.` call that reads Markdown."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def in_chart(text: object) -> str:
    """For names, categories and hover texts of a figure."""
    return html.escape(str(text), quote=False)
