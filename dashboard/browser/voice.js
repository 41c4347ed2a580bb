// Says what is new to who listens, puts focus that a redraw lost where one goes on, and hears who begins a page anew.

let again = null // tells Python that the name of the page that is open was chosen once more
let pressed = null // what was pressed last, outside of a question
let was = null // the page, and whether a question lay over it

document.addEventListener("keydown", () => { document.documentElement.dataset.hands = "keys" }, true)
document.addEventListener("pointerdown", () => { document.documentElement.dataset.hands = "pointer" }, true)
document.addEventListener("click", (event) => {
  const one = event.composedPath()[0].closest?.("button, a")
  if (one && !document.querySelector("[role=dialog]")) pressed = one
}, true)

// Streamlit keeps the address of the page that is open, and with it the pipeline or the filter that one wants to leave.
document.addEventListener("click", (event) => {
  const name = event.target.closest?.("[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]")
  const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  if (!elsewhere && location.search && name?.pathname === location.pathname) setTimeout(() => again?.())
}, true)

const opener = () => {
  if (pressed?.isConnected || !pressed?.dataset?.run) return pressed?.isConnected ? pressed : null
  const same = `[data-run="${CSS.escape(pressed.dataset.run)}"]` // its list was drawn anew
  return [...document.querySelectorAll("*")].map((one) => one.shadowRoot?.querySelector(same)).find(Boolean)
}

const goOn = (moved) => {
  if (document.activeElement && document.activeElement !== document.body) return
  const heading = document.querySelector("h1")
  heading?.setAttribute("tabindex", "-1")
  const next = (!moved && opener()) || heading
  next?.focus({ preventScroll: true })
}

export default function ({ data, parentElement, setTriggerValue }) {
  again = () => setTriggerValue("again", true)
  const region = parentElement.querySelector("[role=status]")
  // A region that is born with its text is not read out: the text comes a moment later.
  setTimeout(() => { if (region.textContent !== data.text) region.textContent = data.text }, 200)
  const moved = was !== null && was.page !== data.page
  if (moved || (was?.asking && !data.asking)) setTimeout(() => goOn(moved), 400)
  was = data
}
