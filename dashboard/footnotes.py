"""Why CMS shows no number: its footnote codes in words."""

from __future__ import annotations

FOOTNOTES: dict[str, str] = {
    "1": "Newly certified: too little time to have data.",
    "2": "Not enough data for a star rating.",
    "6": "No staffing data submitted, or data that did not meet the criteria for a staffing measure.",
    "7": "CMS found the percentage inaccurate or suppressed it for one or more quarters.",
    "9": "Too few residents or stays to report.",
    "10": "The data is missing or was not submitted.",
    "12": "Staffing data missing, many days without a registered nurse, or not verified by an audit.",
    "13": "Based on a shorter period than required.",
    "14": "Not required to report to the SNF Quality Reporting Program.",
    "18": "Special focus facility (history of serious quality issues): not rated.",
    "20": "Data that an audit could not verify.",
    "21": "Data for this measure that an audit could not verify.",
    "22": "Located by ZIP code only.",
    "23": "No staffing data submitted.",
    "24": "Many days without a registered nurse onsite.",
    "25": "Staffing data that CMS could not validate.",
    "26": "No staffing data, or data invalid for turnover: minimum points in the staffing rating.",
    "27": "Staffing data that did not meet the criteria for turnover: left out of the staffing rating.",
    "28": "Measured once a year: no data for the quarters.",
}


def explain(code: str | None) -> str:
    """The meaning of one or several codes; a sentence written by CMS is returned as it is."""
    if code is None or code != code or not str(code).strip():  # noqa: PLR0124 - NaN from a data frame
        return ""
    text = str(code).strip()
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        return text
    return " ".join(f"({part}) {FOOTNOTES.get(part, 'See CMS footnote table.')}" for part in parts)
