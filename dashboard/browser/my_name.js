// Remembers the name that somebody typed under a note, and gives it back once, when a new session has none.

export default function ({ data, setTriggerValue }) {
  try {
    if (data.name) window.localStorage.setItem("hevo-my-name", data.name)
    else if (window.localStorage.getItem("hevo-my-name") && !data.asked)
      setTriggerValue("name", window.localStorage.getItem("hevo-my-name"))
  } catch { /* not allowed: it is typed each time */ }
}
