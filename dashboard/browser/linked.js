// Shows HTML that Python wrote, and tells Python what was pressed in it. A link stays a link: a new tab is a new tab.

const style = new CSSStyleSheet()
style.replaceSync(await (await fetch(new URL("linked.css", import.meta.url))).text())

const same = (one) => one?.dataset?.run !== undefined
  ? `[data-run="${CSS.escape(one.dataset.run)}"]`
  : one?.getAttribute?.("href") ? `[href="${CSS.escape(one.getAttribute("href"))}"]` : "[data-copy]:focus"

const draw = (root, html) => {
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
    const one = event.target.closest("[data-open], [data-run], [data-copy]")
    if (!one || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (one.dataset.run !== undefined) setTriggerValue("run", one.dataset.run)
    else if (one.dataset.copy !== undefined) copy(root, one)
    else setTriggerValue("open", one.getAttribute("href"))
  }
}
