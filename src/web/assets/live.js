// The live figures ask for themselves again, for half an hour at most: a page left open must not keep a
// session alive for ever. Whoever finds that unquiet can stop it.
const figures = document.getElementById('live')
const pauseMs = 10000
let rounds = 180
let isStopped = false
let timer = setTimeout(refresh, pauseMs)

const button = document.createElement('button')
button.type = 'button'
button.className = 'govuk-button govuk-button--secondary'
button.textContent = 'Stop updating'
button.addEventListener('click', () => {
  isStopped = !isStopped
  button.textContent = isStopped ? 'Update every 10 seconds' : 'Stop updating'
  clearTimeout(timer)
  if (!isStopped) refresh()
})
figures.before(button)

async function refresh () {
  if (isStopped) return
  rounds -= 1
  if (document.visibilityState === 'visible') {
    try {
      const answer = await fetch(window.location.href, { redirect: 'error' })
      if (!answer.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.getElementById('live')
      if (fresh === null) return
      figures.replaceChildren(...fresh.childNodes)
    } catch {
      return
    }
  }
  if (rounds > 0 && !isStopped) timer = setTimeout(refresh, pauseMs)
}
