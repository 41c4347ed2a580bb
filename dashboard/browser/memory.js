// Answers once with what an earlier session left in this tab and this browser, and keeps what Python gives it.

let kept = null // of which session's version the history lies in this tab

const keep = async (data, mine) => {
  const version = mine + data.version
  if (kept === version) return
  kept = version
  try {
    const answer = await fetch(data.address)
    if (!answer.ok) throw new Error(answer.statusText)
    const text = await answer.text()
    if (kept === version) window.sessionStorage.setItem(data.name, mine + text)
  } catch { // out of reach, no room, or not allowed: the session still has it, and the next redraw tries again
    if (kept === version) kept = null
  }
}

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
    } else if (data.address !== null) {
      window.localStorage.setItem(data.name, mine + data.visit)
      keep(data, mine)
    }
  } catch { /* not allowed: the session still has it */ }
}
