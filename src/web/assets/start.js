// Switches the components on where the browser has what they need. The pages work without it.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// A page with rows that are not final asks for itself again, for ten minutes at most: a page left
// open must not keep a session alive for ever.
const list = document.querySelector('[data-live]')
const pauseMs = 5000
let rounds = 120

const isUnfinished = (region) => region.querySelector('[data-unfinished]') !== null

async function refresh () {
  rounds -= 1
  if (document.visibilityState === 'visible' && !list.contains(document.activeElement)) {
    try {
      const answer = await fetch(window.location.href, { redirect: 'error' })
      if (!answer.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.querySelector('[data-live]')
      if (fresh === null) return
      list.replaceChildren(...fresh.childNodes)
    } catch {
      return
    }
  }
  if (rounds > 0 && isUnfinished(list)) setTimeout(refresh, pauseMs)
}

if (list !== null && isUnfinished(list)) setTimeout(refresh, pauseMs)
