// The least that a component of the first kind says: that it is ready, and how high it is.
const say = (type, data) =>
  window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
document.getElementById("state").textContent = "The component is here";
say("streamlit:componentReady", { apiVersion: 1 });
say("streamlit:setFrameHeight", { height: 60 });
