// The SFTP page with its machine users and keys, mail preferences, and the back office: with scripts,
// and once more without.

import assert from "node:assert/strict";
import { mail, run, task, visitor } from "./lib.mjs";

async function signedIn(scripts, login, entrance) {
  const person = await visitor({ scripts });
  await person.signIn(login, task.password, entrance);
  if (person.path() === "/stay-signed-in") await person.stay();
  return person;
}

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
  await person.follow(/^Remove the|^Remove/);
  await person.look("key-remove");
  await person.go("/sftp/log-ins");
  await person.look("log-ins");
  await person.close();
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
  await person.close();
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
  const staff = await signedIn(scripts, task.staff, "/staff");
  await staff.go("/staff/home");
  await staff.look("office-home");
  for (const page of ["accounts", "accounts/acme", "users", "held", "outbox", "terms", "audit", "live", "requests"]) {
    await staff.go(`/staff/${page}`);
    await staff.look(`office-${page.replace("/", "-")}`);
  }
  await staff.go("/submissions");
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
    [`the back office, ${mode}`, () => office(scripts, mark)],
  ];
}));
