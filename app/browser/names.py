"""What the browser keeps the session key under; a browser that holds a key holds it there."""

SESSION_COOKIE = "parity_session"
LOCAL_STORAGE_ITEM = "parity_session_key"
