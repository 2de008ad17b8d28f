"""Somebody else's Streamlit app in the kit's stack: found, built, tried, laid over compose.yaml."""
