// The upload page: files are gathered in the browser and sent one by one. The page works without it, by
// forms; the limits are the server's, and told here only sooner.

const form = document.getElementById('upload')
// The design system's script gives its id to the button that it shows in its place.
const input = form.querySelector('input[type=file]')
const sendButton = document.getElementById('send')
const token = form.querySelector('[name=csrf]')
const version = form.querySelector('[name=version]')
const filesMax = Number(form.dataset.filesMax.replaceAll(',', ''))
const bytesMax = Number(form.dataset.bytesMax)
const byId = (id) => document.getElementById(id)

// Files that were chosen and not sent: { file, row }.
let chosen = []
let isSending = false

const say = (text) => { byId('said').textContent = text }
const isXml = (file) => /\.xml$/i.test(file.name)
const onServer = () => document.querySelectorAll('[data-added]').length

function refusal (file) {
  if (!isXml(file)) return 'The selected file must be an XML file'
  if (file.size > bytesMax) return form.dataset.tooLarge
  if (file.size === 0) return 'The selected file is empty'
  return null
}

function draw () {
  const none = chosen.length + onServer() === 0
  byId('none-added').hidden = !none
  byId('added').hidden = none
}

// The summary at the top, with the words that the server has for the same.
function showProblems (problems) {
  document.querySelector('.govuk-error-summary')?.remove()
  document.querySelectorAll('.govuk-error-message').forEach((message) => message.remove())
  document.querySelectorAll('.govuk-form-group--error').forEach((group) => group.classList.remove('govuk-form-group--error'))
  document.title = document.title.replace(/^Error: /, '')
  if (problems.length === 0) return
  document.title = `Error: ${document.title}`
  let last = byId('files-hint')
  const summary = byId('problem').content.cloneNode(true).firstElementChild
  const list = summary.querySelector('ul')
  for (const [id, text] of problems) {
    const link = document.createElement('a')
    link.href = `#${id}`
    link.textContent = text
    link.addEventListener('click', (event) => {
      event.preventDefault()
      byId(id).focus()
    })
    const item = document.createElement('li')
    item.append(link)
    list.append(item)
    const message = document.createElement('p')
    message.className = 'govuk-error-message'
    if (byId(`${id}-error`) === null) message.id = `${id}-error`
    message.textContent = text
    const group = id === 'files' || id === 'add' ? byId('files-group') : byId('declarations')
    group.classList.add('govuk-form-group--error')
    if (group.id === 'files-group') {
      last.after(message)
      last = message
    } else {
      byId('declarations-errors').append(message)
    }
  }
  byId('upload').parentElement.prepend(summary)
  summary.focus()
}

function add (files) {
  const problems = []
  let added = 0
  for (const file of files) {
    const why = refusal(file)
    if (why !== null) {
      problems.push(['files', `${file.name}: ${why}`])
      continue
    }
    if (chosen.length + onServer() >= filesMax) {
      problems.push(['files', form.dataset.tooMany])
      break
    }
    const row = byId('row').content.cloneNode(true).firstElementChild
    row.querySelector('bdi').textContent = file.name
    row.querySelector('button span').textContent = ` ${file.name}`
    const entry = { file, row }
    row.querySelector('button').addEventListener('click', () => {
      if (isSending) return
      chosen = chosen.filter((other) => other !== entry)
      row.remove()
      draw()
      say(`${file.name} removed`)
      byId('files-added').focus()
    })
    byId('added-rows').append(row)
    chosen.push(entry)
    added += 1
  }
  draw()
  showProblems(problems.slice(0, 20))
  if (added > 0) say(`${added} ${added === 1 ? 'file' : 'files'} added`)
}

// What the server has against it: the ids of fields, each with the server's own sentence.
class Refused extends Error {
  constructor (problems) {
    super(problems.map(([, text]) => text).join('. '))
    this.problems = problems
  }
}

// Terms that changed are to be read before they are agreed to.
function showTerms (page) {
  const inForce = page.querySelector('#upload [name=version]')
  if (inForce === null || inForce.value === version.value) return
  version.value = inForce.value
  byId('terms-link').href = page.getElementById('terms-link').getAttribute('href')
  byId('terms').checked = false
}

// Asks for a page of this upload, or posts to it: where the server sent us on to, and what it shows.
async function ask (address, body) {
  const post = { method: 'POST', body, headers: { 'x-csrf-token': token.value } }
  const answer = await fetch(address, body === undefined ? {} : post)
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const path = new URL(answer.url).pathname
  const title = page.querySelector('h1')?.textContent.trim()
  const links = [...page.querySelectorAll('.govuk-error-summary__list a')]
  const problems = links.map((link) => [link.getAttribute('href').slice(1), link.textContent.trim()])
  if (problems.length === 0 && !answer.ok) {
    problems.push(['files', `${title}: ${page.querySelector('main p')?.textContent.trim()}`])
  } else if (problems.length === 0 && !path.startsWith('/uploads/')) {
    // Whoever is signed out, or has new terms to agree to, is sent to another page.
    problems.push(['files', `Open this service in another tab, where it asks for something first: ${title}. Then come back and select Send files for processing again: your files are still here`])
  }
  if (problems.length > 0) {
    showTerms(page)
    throw new Refused(problems)
  }
  return { path, page }
}

// Sentences for what went wrong; `otherwise` if there was no answer.
const told = (error, otherwise) => error instanceof Refused ? error.problems : [['files', otherwise]]

function formData (entries) {
  const data = new FormData()
  data.append('csrf', token.value)
  for (const [name, value, fileName] of entries) {
    if (fileName === undefined) data.append(name, value)
    else data.append(name, value, fileName)
  }
  return data
}

// A browser reads a file when it is sent, and refuses one that is not what was chosen.
async function assertUnchanged (file) {
  const octet = await file.slice(0, 1).arrayBuffer().catch(() => null)
  if (octet !== null) return
  throw new Refused([['files', `${file.name} was changed, moved or removed after you chose it. Select Remove file, then choose it again`]])
}

async function send () {
  // Not `form.action`: that is the buttons of this name.
  let address = form.getAttribute('action')
  const now = await ask(address)
  // The answer to sending it before was lost.
  if (now.page.getElementById('upload') === null) return window.location.assign(now.path)
  // Whoever signed in again in another tab has another token.
  token.value = now.page.querySelector('#upload [name=csrf]').value
  let number = 0
  const total = chosen.length
  for (const { file, row } of [...chosen]) {
    number += 1
    const tag = row.querySelector('.govuk-tag')
    tag.textContent = 'Sending'
    say(`Sending file ${number} of ${total}`)
    await assertUnchanged(file)
    const { path, page } = await ask(address, formData([['action', 'add'], ['files', file, file.name]]))
    // From now on the server has it: another try must not send it again.
    address = path
    form.setAttribute('action', address)
    chosen.shift()
    if (page.querySelectorAll('[data-added]').length <= onServer()) {
      row.remove()
      draw()
      throw new Refused([['files', page.querySelector('#refused-rows li:last-child')?.textContent ?? `${file.name} cannot be sent`]])
    }
    row.dataset.added = ''
    row.querySelector('button').remove()
    tag.textContent = 'Sent'
  }
  const ticked = ['accurate', 'terms', 'check-only'].filter((id) => byId(id).checked).map((id) => [id, 'yes'])
  const { path } = await ask(address, formData([['action', 'send'], ['version', version.value], ...ticked]))
  window.location.assign(path)
}

// A file that the server has already is removed there; those in the browser must outlive it.
async function remove (button) {
  try {
    await ask(form.getAttribute('action'), formData([['remove', button.value]]))
    button.closest('tr').remove()
    draw()
    byId('files-added').focus()
  } catch (error) {
    showProblems(told(error, 'The file could not be removed. Check your connection, then try again'))
  }
}

form.addEventListener('submit', async (event) => {
  if (event.submitter?.name === 'remove') {
    event.preventDefault()
    if (!isSending) await remove(event.submitter)
    return
  }
  if (event.submitter !== sendButton) return
  event.preventDefault()
  if (isSending) return
  const problems = []
  if (chosen.length + onServer() === 0) problems.push(['files', 'Select the XML files to send'])
  if (!byId('accurate').checked) problems.push(['accurate', 'Confirm that the information provided is complete and accurate'])
  if (!byId('terms').checked) problems.push(['terms', 'Confirm that you have read and agreed to the Terms and Conditions'])
  showProblems(problems)
  if (problems.length > 0) return
  isSending = true
  try {
    await send()
  } catch (error) {
    isSending = false
    for (const { row } of chosen) row.querySelector('.govuk-tag').textContent = 'Waiting'
    showProblems(told(error, 'The files could not be sent. Check your connection, then select Send files for processing again'))
  }
})

input.addEventListener('change', () => {
  const files = [...input.files]
  if (files.length === 0) return
  input.value = ''
  // The drop zone shows what the field holds.
  input.dispatchEvent(new CustomEvent('change'))
  add(files)
})

byId('add').hidden = true
byId('files-added').tabIndex = -1
draw()
