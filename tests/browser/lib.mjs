// What every journey through the pages has in common: the browser, the two widths, the checks that
// each page must pass, and the mails that people are sent.
//
// Debian packages: chromium, nodejs, npm, sqlite3.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import assert from "node:assert/strict";
import axe from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const AxeBuilder = axe.default ?? axe;

/** The task, as JSON from standard input; see tests/it/browser.rs. */
export const task = JSON.parse(readFileSync(0, "utf8"));

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // Templates leave blanks, and self-closing is a matter of taste.
    "no-trailing-whitespace": "off",
    "void-style": "off",
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "doctype-style": "off",
    "long-title": "off",
    // Asks for attributes that the design system leaves out on purpose.
    "no-implicit-button-type": "off",
    "wcag/h30": "off",
    // Forms of one page may each have a field of this name; radios and boxes do on purpose.
    "form-dup-name": "off",
    // The design system's own markup.
    "prefer-native-element": "off",
    "no-redundant-role": "off",
    "require-sri": "off",
    "no-inline-style": "error",
  },
});

let browser;

/** Runs journeys, each `[name, what]`, in a browser; fails with the first that fails. */
export async function run(journeys) {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  assert(executablePath, "no chromium: install the Debian package chromium");
  // Chromium refuses to sandbox itself for root, and containers often give it little shared memory.
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
  });
  try {
    for (const [name, what] of journeys) {
      try {
        await what();
      } catch (error) {
        for (const [at, page] of open.entries()) {
          const path = join(task.artefacts, `failed-${task.label}-${at}.png`);
          await page.screenshot({ path, fullPage: true }).catch(() => {});
          console.error(`open when it failed: ${page.url()}`);
        }
        error.message = `${name}: ${error.message}`;
        throw error;
      }
      console.log(`done: ${name}`);
    }
  } finally {
    await closed(browser);
  }
  process.exit();
}

/**
 * Closes a page, a context, or the browser. Debian's Chromium now and then never says that a page is closed; what
 * was to be seen has been seen by then, so nobody waits for it for long.
 */
export async function closed(what) {
  let timer;
  const late = new Promise((done) => { timer = setTimeout(done, 10_000); });
  await Promise.race([what.close(), late]);
  clearTimeout(timer);
}

const open = [];

/** What a program can tell of a page's faults of accessibility. */
const examined = (page) => new AxeBuilder({ page }).withTags(RULES).analyze();

/** A browser of somebody's own, with scripts or without; from an address of its own, where a proxy is trusted. */
export async function visitor({ scripts = true, from } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: scripts,
    acceptDownloads: true,
    extraHTTPHeaders: from ? { "X-Forwarded-For": from } : {},
  });
  const page = await context.newPage();
  open.push(page);
  const who = new Visitor(context, page, scripts);
  who.watch();
  return who;
}

class Visitor {
  constructor(context, page, scripts) {
    Object.assign(this, { context, page, scripts, faults: [] });
  }

  async go(path) {
    await this.page.goto(path.startsWith("http") ? path : `${task.url}${path}`);
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  async heading(text) {
    const heading = await this.page.locator("h1").innerText();
    if (text instanceof RegExp) assert.match(heading, text);
    else assert.equal(heading.trim(), text);
  }

  async sees(text) {
    // What can be chosen in a closed list stands on the page, too, but nobody sees it.
    const found = this.page.locator("body").getByText(text).filter({ visible: true }).first();
    await found.waitFor({ state: "visible", timeout: 15_000 }).catch(() => {
      throw new Error(`'${text}' is not on ${this.page.url()}`);
    });
  }

  async fill(label, text) {
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).first().click();
  }

  /** A link, or one that looks like a button. */
  async follow(name) {
    const { page } = this;
    await page.getByRole("link", { name }).or(page.getByRole("button", { name })).first().click();
  }

  /** The field's error, in the summary and at the field. */
  async refused(text) {
    await this.sees("There is a problem");
    const times = await this.page.locator("main").getByText(text).count();
    assert(times >= 2, `'${text}' stands ${times} times, not in the summary and at the field`);
    assert.match(await this.page.title(), /^Error: /);
  }

  /** The guide's two steps. */
  async signIn(login, password, entrance = "/sign-in") {
    await this.go(entrance);
    await this.fill("Email address", login);
    await this.press("Next");
    await this.fill("Password", password);
    await this.press("Sign in");
  }

  /** After signing in: `Stay signed in?`, and past it. */
  async stay(choice = "No") {
    await this.sees("Stay signed in?");
    await this.press(choice);
  }

  /** Follows a link that downloads, and gives what came. */
  async download(name) {
    const [coming] = await Promise.all([
      this.page.waitForEvent("download"),
      this.page.getByRole("link", { name }).first().click(),
    ]);
    return readFile(await coming.path());
  }

  /**
   * Pictures of the page as a desk and as a small telephone show it; it must fit the small one, be
   * valid, and have no fault that a program can tell of what people need who see or hear badly.
   */
  async look(name) {
    const label = `${name}-${this.scripts ? "scripts" : "no-scripts"}`;
    for (const [width, height] of [[320, 640], [1280, 900]]) {
      await this.page.setViewportSize({ width, height });
      await this.page.screenshot({ path: join(task.artefacts, `portal-${label}-${width}.png`), fullPage: true });
      // This much is asked for from outside the page, so that it works without scripts too.
      const overflow = await this.page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
      assert(overflow <= 0, `${label} is ${overflow} px wider than a screen of ${width} px`);
    }
    const html = await this.html();
    const { violations } = this.scripts ? await examined(this.page) : await this.examinedElsewhere(html);
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n  ")}`);
    assert.deepEqual(told, [], `${label} has faults of accessibility`);
    const report = await validator.validateString(html);
    const faults = report.results.flatMap(({ messages }) => messages.map(
      ({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`,
    ));
    assert.deepEqual(faults, [], `${label} is not valid`);
  }

  /** A link or button is there on a screen of this width without scrolling sideways within its table. */
  async reaches(name, width) {
    await this.page.setViewportSize({ width, height: 900 });
    const found = this.page.getByRole("link", { name }).or(this.page.getByRole("button", { name })).first();
    const { x, width: own } = await found.boundingBox();
    const region = await found.locator("xpath=ancestor::section").boundingBox();
    assert(x + own <= region.x + region.width, `${name} is out of sight at ${width} px`);
    await this.page.setViewportSize({ width: 1280, height: 900 });
  }

  /** The page as the server sent it; also the answer to a form. */
  async html() {
    const { page, answer } = this;
    assert(answer, `${page.url()} was not sent by the server`);
    // The browser may have let go of it, and then never says so.
    const late = page.waitForTimeout(20_000).then(() => { throw new Error(`the text of ${page.url()} never came`); });
    const text = answer.text();
    late.catch(() => {});
    return Promise.race([text, late]);
  }

  /** What is looked at without scripts is examined by one: the same page, opened anew without its own scripts. */
  async examinedElsewhere(html) {
    const context = await browser.newContext({ storageState: await this.context.storageState() });
    try {
      const page = await context.newPage();
      await page.route("**/*", (route) => {
        if (route.request().isNavigationRequest()) {
          return route.fulfill({ contentType: "text/html; charset=utf-8", body: html });
        }
        return route.request().resourceType() === "script" ? route.abort() : route.continue();
      });
      await page.goto(this.page.url());
      return await examined(page);
    } finally {
      await closed(context);
    }
  }

  /** Collects errors of scripts, of the console (refused content too), and failed requests; keeps the last page. */
  watch() {
    const { page, faults } = this;
    page.on("response", (response) => {
      const request = response.request();
      const isPage = request.isNavigationRequest() && request.frame() === page.mainFrame();
      // What sends elsewhere, or is downloaded, takes no page's place.
      const isShown = (response.headers()["content-type"] ?? "").startsWith("text/html");
      if (isPage && isShown) this.answer = response;
    });
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      // Forms that are answered with an error status are meant to be.
      const isStatus = /the server responded with a status of 4\d\d/.test(message.text());
      if (message.type() === "error" && !isStatus) faults.push(`console: ${message.text()}`);
    });
    page.on("requestfailed", (request) => {
      // A download is taken away from the page, and a page that is left ends what it asked for.
      const why = request.failure()?.errorText;
      if (why !== "net::ERR_ABORTED") faults.push(`${request.url()}: ${why}`);
    });
  }

  async close() {
    assert.deepEqual(this.faults, [], "nothing was refused or failed in the console");
    open.splice(open.indexOf(this.page), 1);
    await closed(this.context);
  }
}

/** The newest mail to an address whose subject fits, as plain text. Waits for it. */
export async function mail(to, subject) {
  for (let tries = 0; tries < 150; tries += 1) {
    const found = mails().filter((one) => one.to.includes(to) && subject.test(one.subject));
    if (found.length > 0) return found.at(-1);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${to} with ${subject}; there are ${JSON.stringify(mails().map(({ to, subject }) => [to, subject]))}`);
}

/** All mails that were written so far, oldest first. */
export function mails() {
  if (!existsSync(task.mails)) return [];
  const names = readdirSync(task.mails).filter((name) => name.endsWith(".eml") && !name.startsWith("."));
  return names.sort().map((name) => read(readFileSync(join(task.mails, name), "latin1")));
}

function read(whole) {
  const text = whole.replaceAll("\r\n", "\n");
  const head = text.slice(0, text.indexOf("\n\n")).replace(/\n[ \t]+/g, " ");
  const header = (name) => words(head.match(new RegExp(`^${name}: (.*)$`, "mi"))?.[1] ?? "");
  const body = decode(text.slice(text.indexOf("\n\n")).replaceAll("=\n", ""));
  return { to: header("To"), subject: header("Subject"), body };
}

const decode = (text) => Buffer.from(
  text.replace(/=([0-9A-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))), "latin1",
).toString("utf8");

const words = (text) => text.replace(/=\?utf-8\?([bq])\?([^?]*)\?=\s*/gi, (_, how, body) => (
  how.toLowerCase() === "b" ? Buffer.from(body, "base64").toString("utf8") : decode(body.replaceAll("_", " "))
));

/** The first link of a mail to a page of this kind. */
export function link(one, kind) {
  const found = one.body.match(new RegExp(`https?://[^\\s"<]*${kind}[^\\s"<]*`));
  assert(found, `no link to ${kind} in: ${one.body}`);
  return found[0].replace(/^https?:\/\/[^/]+/, "");
}

/** Changes something in the database that otherwise takes days to come. */
export function age(sql) {
  execFileSync("sqlite3", ["-cmd", ".timeout 10000", task.database, sql]);
}

/** One value from the database, as an operator could look it up. */
export function query(sql) {
  return execFileSync("sqlite3", ["-readonly", task.database, sql], { encoding: "utf8" }).trim();
}
