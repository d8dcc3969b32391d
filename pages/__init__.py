"""The screens: one script each in the sub-folders; `streamlit_app.py` routes to them."""
