// Tells Python whether somebody is on the keyboard, what the table was called when it was last used, and whether the
// window is a phone's; leads the focus to the table.

let shown = null // the component, as it stands on the page now
const led = new Set([0])

const say = (name, value) => {
  if (!shown || shown.told[name] === value) return
  shown.told[name] = value
  shown.setStateValue(name, value)
}

const measured = () => say("narrow", window.innerWidth < 640 ? window.innerWidth : 0)

const used = (table, typing) => {
  say("typing", typing)
  const named = table?.querySelector("[role=region]")
  if (named) say("seen", named.getAttribute("aria-label"))
}

const pressed = (event) => {
  const inTable = event.target.closest?.("[data-testid=stDataFrame], #portal")
  if (!shown || (event.key !== "Tab" && !inTable)) return
  used(inTable, true)
  if (event.key !== "Enter") return
  event.preventDefault()
  event.stopPropagation()
  setTimeout(() => shown?.setTriggerValue("enter", true), 250) // the table tells which cell is chosen a moment later
}

const lead = (tries) => {
  const table = document.querySelector("[data-testid=data-grid-canvas]")
  if (table) table.focus()
  else if (tries) setTimeout(() => lead(tries - 1), 50)
}

document.addEventListener("keydown", pressed, true)
document.addEventListener("pointerdown", (event) => used(event.target.closest?.("[data-testid=stDataFrame]"), false), true)
window.addEventListener("resize", measured)

export default function ({ data, setStateValue, setTriggerValue }) {
  const mine = { told: { typing: data.typing, narrow: data.narrow, seen: data.seen }, setStateValue, setTriggerValue }
  shown = mine
  measured()
  if (!led.has(data.turn)) lead(20)
  led.add(data.turn)
  return () => { if (shown === mine) shown = null }
}
