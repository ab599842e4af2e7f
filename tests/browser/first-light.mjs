// A person signs in, finds a submission by its VIN, opens it, and downloads receipt and document;
// once with scripts and once without. Any error or refused content in the console is a failure.
//
// Reads its task as JSON from standard input; see tests/it/browser.rs. Debian packages: chromium,
// nodejs, npm.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const task = JSON.parse(readFileSync(0, "utf8"));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
assert(executablePath, "no chromium: install the Debian package chromium");

// Chromium refuses to sandbox itself for root, and containers often give it little shared memory.
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  await journey("scripts", { javaScriptEnabled: true });
  await journey("no-scripts", { javaScriptEnabled: false });
  await strangers();
} finally {
  await browser.close();
}
console.log("the browser found everything");

/** What a person does, in a browser of its own. */
async function journey(name, options) {
  const context = await browser.newContext({ ...options, acceptDownloads: true });
  const page = await context.newPage();
  const faults = watch(page);

  await page.goto(`${task.url}/submissions`);
  assert.match(new URL(page.url()).pathname, /^\/sign-in/, "a stranger is sent to the sign-in page");
  await shoot(page, `${name}-sign-in`);

  await signIn(page, task.login, "not the password");
  const refusal = page.getByText("There is a problem");
  assert(await refusal.isVisible(), "a wrong password is answered by a problem");
  assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "");

  await signIn(page, task.login, task.password);
  await page.goto(`${task.url}/submissions`);
  await shoot(page, `${name}-list`);
  const rows = page.locator("tbody tr");
  assert.equal(await rows.count(), 2, "both submissions are listed");

  await page.getByLabel("Failed").check();
  await page.getByRole("button", { name: "Apply" }).click();
  assert.equal(await rows.count(), 1, "one of them failed");
  await rows.first().getByRole("link").click();
  await page.getByText(task.rejected).first().waitFor();
  assert(await page.getByText("VehicleCategory").first().isVisible(), "the finding is shown");
  await shoot(page, `${name}-rejected`);

  await page.goto(`${task.url}/submissions`);
  await page.getByLabel("VIN").fill(`*${task.vin.slice(-7)}`);
  await page.getByRole("button", { name: "Apply" }).click();
  assert.equal(await rows.count(), 1, "the wildcard finds one");
  await rows.first().getByRole("link", { name: task.vin }).click();
  await page.getByText(task.accepted).first().waitFor();
  assert(await page.getByText(task.sha256).isVisible(), "the digest is shown");
  await shoot(page, `${name}-accepted`);

  const receipt = JSON.parse(await download(page, /^Receipt/));
  assert.equal(receipt.submission, task.accepted);
  const document = await download(page, /^The file as it came/);
  assert.equal(createHash("sha256").update(document).digest("hex"), task.sha256);

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${task.url}/submissions`);
  assert.match(new URL(page.url()).pathname, /^\/sign-in/, "signing out ends the session");
  assert.deepEqual(faults, [], "nothing was refused or failed in the console");
  await context.close();
}

/** What must not work: forms without the session's token, foreign sites, unknown pages. */
async function strangers() {
  const context = await browser.newContext();
  const forged = await context.request.post(`${task.url}/sign-in`, {
    form: { email: task.login, password: task.password },
    headers: { origin: "https://attacker.example" },
    maxRedirects: 0,
  });
  assert(forged.status() >= 400, `a forged sign-in was answered ${forged.status()}`);
  const page = await context.request.get(`${task.url}/sign-in`);
  const policy = page.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  const unknown = await context.request.get(`${task.url}/no-such-page`);
  assert.equal(unknown.status(), 404);
  await context.close();
}

async function signIn(page, login, password) {
  const address = page.getByLabel("Email address");
  if (await address.isVisible()) {
    await address.fill(login);
    await page.getByRole("button", { name: "Next" }).click();
  }
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Follows a link that downloads, and gives what came. */
async function download(page, name) {
  const [coming] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name }).click(),
  ]);
  return readFile(await coming.path());
}

/** Pictures of a page as a desk and as a small telephone show it; it must fit the small one. */
async function shoot(page, name) {
  for (const [width, height] of [[1280, 900], [320, 640]]) {
    await page.setViewportSize({ width, height });
    const path = join(task.artefacts, `${task.label}-${name}-${width}.png`);
    await page.screenshot({ path, fullPage: true });
    const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
    assert(overflow <= 0, `${name} is ${overflow} px wider than a screen of ${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Collects errors of scripts, of the console (refused content too), and failed requests. */
function watch(page) {
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // The refused sign-in is meant to be answered with an error status.
    if (message.type() === "error" && !message.location().url.endsWith("/sign-in")) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on("requestfailed", (request) => {
    // A download is taken away from the page, which the browser calls aborted.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") faults.push(`${request.url()}: ${why}`);
  });
  return faults;
}
