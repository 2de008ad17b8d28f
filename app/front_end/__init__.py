"""The files that a page loads, of every version of Streamlit in rotation: docs/version-skew.md."""
