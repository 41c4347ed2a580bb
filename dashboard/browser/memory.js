// Answers once with what an earlier session left in this tab and this browser, and keeps what Python gives it.

export default function ({ data, setTriggerValue }) {
  const mine = data.session + "\n"
  const others = (store) => {
    const text = store.getItem(data.name)
    return text && !text.startsWith(mine) ? text.slice(text.indexOf("\n") + 1) : null
  }
  try {
    const tab = others(window.sessionStorage), visit = others(window.localStorage)
    if (!data.restored && (tab || visit)) {
      setTriggerValue("left", [tab, visit])
    } else if (data.text !== null) {
      window.localStorage.setItem(data.name, mine + data.visit)
      window.sessionStorage.setItem(data.name, mine + data.text)
    }
  } catch { /* no room, or not allowed: the session still has it */ }
}
