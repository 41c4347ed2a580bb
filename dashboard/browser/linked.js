// Shows HTML that Python wrote, and tells Python what was pressed in it. A link stays a link: a new tab is a new tab.

const style = new CSSStyleSheet()
style.replaceSync(await (await fetch(new URL("linked.css", import.meta.url))).text())

const same = (one) => one?.dataset?.run !== undefined
  ? `[data-run="${CSS.escape(one.dataset.run)}"]`
  : one?.getAttribute?.("href") ? `[href="${CSS.escape(one.getAttribute("href"))}"]` : "[data-copy]:focus"

let pressed = false // by finger, mouse or Space, and not yet let go: what is drawn anew now takes the press away
const late = new Map() // what is to be drawn then

const press = (event) => { pressed = event.type === "keydown" ? event.key === " " : event.button === 0 }
const letGo = () => setTimeout(() => {
  pressed = false
  for (const [root, html] of late) draw(root, html)
})
for (const begin of ["pointerdown", "keydown"]) window.addEventListener(begin, press, true)
for (const end of ["pointerup", "pointercancel", "contextmenu", "keyup", "blur"]) window.addEventListener(end, letGo, true)

const draw = (root, html) => {
  if (pressed) return late.set(root, html)
  late.delete(root)
  if (root.shown === html) return
  const focused = root.getRootNode().activeElement
  const place = focused && root.contains(focused) ? same(focused) : null
  root.innerHTML = root.shown = html
  if (place) root.querySelector(place)?.focus({ preventScroll: true })
}

const copiedByHand = (root, text) => {
  const box = document.createElement("textarea")
  box.value = text
  root.append(box)
  box.select()
  const done = document.execCommand("copy")
  if (done) box.remove()
  else box.setAttribute("aria-label", "Copy this text")
  return done
}

const copy = async (root, button) => {
  const text = button.dataset.copy
  let done
  try {
    await navigator.clipboard.writeText(text)
    done = true
  } catch {
    done = copiedByHand(root, text)
  }
  const said = root.querySelector("[role=status]")
  if (said) said.textContent = done ? "Copied" : "Select the text and copy it"
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector("section")
  root.getRootNode().adoptedStyleSheets = [style]
  draw(root, data.html)
  root.onclick = (event) => {
    const one = event.target.closest("[data-open], [data-run], [data-copy], [data-print]")
    if (!one || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (one.dataset.run !== undefined) setTriggerValue("run", one.dataset.run)
    else if (one.dataset.copy !== undefined) copy(root, one)
    else if (one.dataset.print !== undefined) window.print()
    else setTriggerValue("open", one.getAttribute("href"))
  }
}
