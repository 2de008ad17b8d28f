"""A page that shows the same to everybody: nothing of it is anybody's."""

from __future__ import annotations

import streamlit as st

STATIONS = {"Harbour": 412, "Old town": 377, "University": 903, "Airport": 1288}

st.set_page_config(page_title="Passengers", page_icon=":material/train:")
st.title("Passengers a day")
st.table([{"station": name, "passengers": count} for name, count in STATIONS.items()])
st.markdown(f"In all: **{sum(STATIONS.values())}**")
