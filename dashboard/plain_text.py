"""Names from the data as plain text: Streamlit reads Markdown in titles, captions and labels, Plotly tags in its texts.

Otherwise a facility's name could hold a link, or an image that reports visitors to a stranger.
"""

from __future__ import annotations

import html
import re

_MARKDOWN = re.compile(r"([\\`*_\[\]<~$])")  # emphasis, code, links, images, colors, formulas
# An address becomes a link without any markup, and a backslash does not prevent that; a word joiner does.
_ADDRESS = re.compile(r"www(?=\.)|https?(?=://)|@", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def in_markdown(text: object) -> str:
    """For every `st.` call that reads Markdown."""
    return _ADDRESS.sub(rf"\g<0>{_WORD_JOINER}", _MARKDOWN.sub(r"\\\1", " ".join(str(text).split())))


def in_chart(text: object) -> str:
    """For names, categories and hover texts of a figure."""
    return html.escape(str(text), quote=False)
