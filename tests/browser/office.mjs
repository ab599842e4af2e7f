// The SFTP page with its machine users and keys, mail preferences, and the back office: with scripts,
// and once more without.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mail, run, task } from "./lib.mjs";
import { agree, signedIn } from "./steps.mjs";

const STAFF = { entrance: "/staff" };

/** Section 16: the page for SFTP. */
async function machines(scripts, mark) {
  const person = await signedIn(scripts, task.login);
  await person.page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "SFTP" }).click();
  await person.sees(/SHA256:/);
  await person.sees("known_hosts");
  for (const client of ["OpenSSH", "WinSCP", "FileZilla", "curl", "Python", "rclone"]) await person.sees(client);
  await person.look("sftp");
  await person.go("/sftp/machines/add");
  await person.look("machine-add");
  const fill = async (key) => {
    await person.fill("Log-in name", `${mark}-plant`);
    await person.page.getByLabel("Name", { exact: true }).fill("Plant 2");
    await person.page.getByLabel("Contact").selectOption({ index: 1 });
    await person.page.getByLabel("Public key").fill(key);
    for (const box of await person.page.getByRole("checkbox").all()) await box.check();
    await person.press("Add machine user");
  };
  for (const key of task.refused_keys) {
    await fill(key);
    await person.sees("There is a problem");
  }
  await person.look("machine-add-refused");
  await fill(task.keys[mark]);
  await person.heading(new RegExp(`${mark}-plant`));
  await person.look("machine");
  await mail(task.login, /key/i);
  await keys(person, mark);
  await person.go("/sftp/log-ins");
  await person.look("log-ins");
  await person.close();
}

/** On a machine user's page: another key, the declaration, its name, and its end. */
async function keys(person, mark) {
  const { page } = person;
  const machine = person.path();
  await person.follow("Add a key");
  await person.heading(/Add a key$/);
  await person.press("Add key");
  await person.sees("There is a problem");
  await person.look("key-add");
  await page.getByLabel("Public key").fill(task.more.keys[mark]);
  await page.getByLabel(/^Label of the key/).fill("second server");
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await person.press("Add key");
  await person.sees("The key is added, and works within a second");
  await page.getByRole("link", { name: "Remove the key second server" }).click();
  await person.heading(/Remove/);
  await person.look("key-remove");
  await person.press("Remove key");
  await person.sees("The key is removed, and works no longer");
  await person.look("key-removed");

  await person.go(`${machine}/declaration`);
  await person.press("Sign the declaration");
  await person.sees("There is a problem");
  await person.look("declaration");
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await person.press("Sign the declaration");
  await person.sees("The declaration is signed");

  await person.follow("Edit name and contact");
  await person.look("machine-edit");
  await page.getByLabel("Name", { exact: true }).fill("Plant 3");
  await person.press("Save");
  await person.sees("The change is saved");
  await person.follow("Remove machine user");
  await person.heading(/Remove this machine user$/);
  await person.look("machine-remove");
  await person.press("Remove machine user");
  await person.sees("The machine user is removed, and its keys work no longer");
}

/** Section 16: which mails a user gets. */
async function preferences(scripts) {
  const person = await signedIn(scripts, task.login);
  await person.go("/account");
  await person.look("account");
  await person.go("/preferences");
  await person.look("preferences");
  await person.page.getByRole("radio").nth(2).check();
  await person.press("Save");
  await person.go("/preferences");
  assert(await person.page.getByRole("radio").nth(2).isChecked(), "the choice is kept");

  // A fixed address of the account.
  await person.page.getByRole("link", { name: "Fixed addresses of the account" }).click();
  await person.heading("Fixed addresses");
  await person.press("Add address");
  await person.refused("Enter an email address");
  await person.page.getByLabel("Email address").fill("a.very.long.name.of.a.team.of.this.manufacturer@operations.example.com");
  await person.page.getByLabel("All outcomes").check();
  await person.press("Add address");
  await person.sees("The address is added, and an email tells it so");
  await person.look("addresses");
  await person.page.getByRole("button", { name: /^Remove/ }).click();
  await person.sees("The address is removed, and an email tells it so");
  await person.sees("There are none yet");
  await person.close();
}

/** M4, M5: a fault of ours, as the manufacturer sees it; staff end one, and try another again. */
async function held(scripts, [ended, retried]) {
  const person = await signedIn(scripts, task.login);
  await person.go(`/submissions/${ended}`);
  await person.sees("File processing failed");
  await person.sees("A server error has occurred when processing this file, please attempt to upload again later.");
  assert.equal(await person.page.getByText("For staff:").count(), 0, "why is for staff to know");
  assert.equal(await person.page.getByRole("link", { name: /^Receipt/ }).count(), 0, "nothing is final yet");
  await person.look("submission-held");

  const staff = await signedIn(scripts, task.staff, STAFF);
  await staff.go(`/submissions/${ended}`);
  await staff.sees(/^For staff:/);
  await staff.look("office-submission-held");
  await staff.go("/staff/held");
  await staff.look("office-held-some");
  await staff.page.getByRole("link", { name: `Reject with a sentence for ${ended}` }).click();
  await staff.heading(/Reject with a sentence$/);
  await staff.press(`Reject ${ended}`);
  await staff.refused("Enter a sentence for the sender");
  await staff.look("office-reject");
  await staff.fill("Sentence for the sender", "The file could not be read by us. Send it again on Monday.");
  await staff.press(`Reject ${ended}`);
  await staff.sees("Done");
  await staff.look("office-held-rejected");
  await staff.press(`Try again ${retried}`);
  await staff.sees("Done");
  assert.equal(await staff.page.getByText(retried).count(), 0, "it is held no more");

  await person.go(`/submissions/${ended}`);
  await until(person, "The file could not be read by us. Send it again on Monday.");
  const receipt = JSON.parse(await person.download(/^Receipt/));
  assert.deepEqual([receipt.outcome, receipt.retry], ["not-processed", "same-file"]);
  await person.look("submission-not-processed");
  await person.go(`/submissions/${retried}`);
  await until(person, "Succeeded");
  await person.close();
  await staff.close();
}

/** Looks again until a page says so: what is judged anew takes a moment. */
async function until(person, text) {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await person.page.getByText(text).count() > 0) return;
    await person.page.waitForTimeout(250);
    await person.page.reload();
  }
  throw new Error(`'${text}' never came on ${person.page.url()}`);
}

/** F8, K12: the terms to read, older ones too, and to agree to again. */
async function terms(scripts, mark) {
  const staff = await signedIn(scripts, task.staff, STAFF);
  const publish = async (text) => {
    await staff.go("/staff/terms");
    await staff.page.getByLabel("Text of the new version").fill(text);
    await staff.page.getByLabel("I understand that every user is asked to agree again").check();
    await staff.page.getByRole("button", { name: /^Publish version/ }).click();
    await staff.sees("Done");
  };
  await publish(`What holds at first, ${mark}.\n\nA second paragraph.`);
  const person = await signedIn(scripts, task.login);
  await person.go("/uploads/new");
  const path = join(task.scratch, `terms-${mark}.xml`);
  writeFileSync(path, "<root/>");
  await person.page.locator("input[type=file]").setInputFiles([path]);
  if (!scripts) await person.press("Add files");
  for (const box of ["accurate", "terms"]) await person.page.locator(`#${box}`).check();
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });

  await publish(`What holds now, ${mark}.`);
  await person.go("/submissions");
  await person.heading("The Terms of Use have changed");
  await person.look("terms-agree");
  await person.press("Continue");
  await person.sees("There is a problem");
  await person.look("terms-agree-error");
  await agree(person);
  await person.sees("Status of your files");
  await person.go("/terms");
  await person.sees(`What holds now, ${mark}.`);
  await person.look("terms-in-force");
  await person.page.locator("main").getByRole("link", { name: /^Version/ }).first().click();
  await person.sees("This version is no longer in force.");
  await person.look("terms-older");
  await staff.go("/staff/terms");
  await staff.page.locator("main").getByRole("link", { name: /ersion/ }).first().click();
  await staff.sees("Who agreed");
  await staff.sees(task.login);
  await staff.look("office-terms-version");
  await person.close();
  await staff.close();
}

/** A form that is sent after the session's end: what was typed is not lost. */
async function late(scripts) {
  const person = await signedIn(scripts, task.login);
  const { page } = person;
  await person.go("/sftp/machines/add");
  await page.getByLabel("Name", { exact: true }).fill("Plant 2");
  await page.getByLabel("Public key").fill(task.keys.one);
  await person.context.clearCookies();
  await person.press("Add machine user");
  await person.heading("You have been signed out");
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Plant 2");
  await person.look("signed-out");
  await page.locator("main").getByRole("link", { name: "Sign in" }).click();
  await person.fill("Email address", task.login);
  await person.press("Next");
  await person.fill("Password", task.password);
  await person.press("Sign in");
  if (person.path() === "/stay-signed-in") await person.stay();
  await person.heading("Add a machine user");
  await person.close();
}

/** The back office: every page, a suspension, the terms, the audit log. */
async function office(scripts, mark) {
  const staff = await signedIn(scripts, task.staff, STAFF);
  await staff.go("/staff/home");
  await staff.look("office-home");
  for (const page of ["accounts", "accounts/acme", "users", "held", "outbox", "terms", "audit", "live", "requests"]) {
    await staff.go(`/staff/${page}`);
    await staff.look(`office-${page.replace("/", "-")}`);
  }
  for (const name of ["Pat Example", "Transfer robot"]) {
    await staff.go("/staff/accounts/acme");
    await staff.page.getByRole("link", { name }).click();
    await staff.sees("Suspend the user");
    await staff.look(`office-user-${name.split(" ")[1]}`);
  }
  await staff.go(`/submissions?by=${task.login}`);
  await staff.look("office-submissions");

  const person = await signedIn(scripts, task.login);
  await staff.go("/staff/accounts/acme");
  await staff.press("Suspend account acme");
  await staff.look("office-account-suspended");
  await person.go("/submissions");
  assert.match(person.path(), /^\/sign-in/, "a suspended account is signed out");
  await staff.press("Resume account acme");
  await staff.go("/staff/terms");
  await staff.page.getByLabel("Text of the new version").fill(`The terms, as of ${mark}.\n\nA second paragraph.`);
  await staff.page.getByLabel("I understand that every user is asked to agree again").check();
  await staff.page.getByRole("button", { name: /^Publish version/ }).click();
  await staff.look("office-terms-published");
  await staff.go("/staff/outbox");
  await staff.page.locator("tbody tr").first().getByRole("link").first().click();
  await staff.look("office-mail");
  await staff.go("/staff/audit?verify=on");
  await staff.sees("The log is whole");
  await staff.sees("acme");
  await staff.look("office-audit-verified");
  await staff.go("/staff/audit");
  await staff.page.getByText("More filters").click();
  await staff.page.getByLabel("Who", { exact: true }).fill(task.staff);
  await staff.page.getByLabel("What", { exact: true }).selectOption("Terms published");
  await staff.press("Apply all filters");
  await staff.sees("Terms published");
  await staff.look("office-audit-filtered");

  // Only operators: a manufacturer's Primary User is told nothing.
  const stranger = await signedIn(scripts, task.login);
  await stranger.go("/staff/accounts");
  await stranger.heading("You do not have access to this page");
  await stranger.look("forbidden");
  await stranger.close();
  await person.close();
  await staff.close();
}

await run([true, false].flatMap((scripts) => {
  const mark = scripts ? "one" : "two";
  const mode = scripts ? "with scripts" : "without scripts";
  return [
    [`the SFTP page, ${mode}`, () => machines(scripts, mark)],
    [`a form that comes too late, ${mode}`, () => late(scripts)],
    [`mail preferences, ${mode}`, () => preferences(scripts)],
    [`M4, M5: held submissions, ${mode}`, () => held(scripts, task.more.held[mark])],
    [`F8, K12: terms, ${mode}`, () => terms(scripts, mark)],
    [`the back office, ${mode}`, () => office(scripts, mark)],
  ];
}));
