// Who gets in, and who does not: a request that is refused (E9), a password to create (F1), links that have
// ended (F17), a password that is outdated (F13), wrong passwords, and another Primary User (H7).

import assert from "node:assert/strict";
import { age, link, mail, mails, run, task, visitor } from "./lib.mjs";
import { decide, register, signedIn } from "./steps.mjs";

const PASSWORD = "a password that nobody else has";
const STAFF = { entrance: "/staff" };

/** E9: staff refuse a request, and the applicant is told why. */
async function refuse(scripts, person) {
  const reference = await register(scripts, person);
  const staff = await signedIn(scripts, task.staff, STAFF);
  await staff.go(`/staff/requests/${reference}`);
  await staff.press("Refuse");
  await staff.refused(/reason/i);
  await staff.look("staff-request-refuse-error");
  const reason = "We could not find this manufacturer in the register of companies.";
  await staff.fill("Reason", reason);
  await staff.press("Refuse");
  await staff.go(`/staff/requests/${reference}`);
  await staff.sees(/^Refused, /);
  await staff.sees(reason);
  await staff.look("staff-request-refused");
  const letter = await mail(person.mail, new RegExp(`Your request for an eCoC account, ${reference}`));
  assert(letter.body.includes(reason), letter.body);
  assert(!/\/redeem\//.test(letter.body), "there is nothing to take up");
  await staff.go(`/staff/audit?subject=${reference}`);
  await staff.sees(/refused/i);
  await staff.close();
  const out = await visitor({ scripts });
  await out.signIn(person.mail, PASSWORD);
  await out.sees("There is a problem");
  await out.close();
}

/** F1 and F17: the mail has a link alone, whoever follows it creates a password; links end. */
async function create(scripts, person) {
  await decide(scripts, await register(scripts, person), person);
  const letter = await mail(person.mail, /has been set up/);
  assert(!/temporary password/i.test(letter.body), letter.body);
  const way = link(letter, "/redeem/");
  const out = await visitor({ scripts });
  await out.go(way);
  await out.press("Register");
  await out.heading(/Create a password$/);
  await out.look("create-password");
  await out.fill("New password", "short");
  await out.fill("Confirm password", "short");
  await out.press("Sign in");
  await out.refused("New password must be 12 characters or more");
  await out.look("create-password-error");
  await out.fill("New password", PASSWORD);
  await out.fill("Confirm password", PASSWORD);
  await out.press("Sign in");
  await out.stay();
  await out.heading(/^Welcome to the .* e-CoC portal$/);
  await out.press("Sign out");
  await out.go(way);
  await out.heading("This invitation can no longer be used");
  await out.look("invitation-ended");

  await out.go("/forgotten");
  await out.fill("Email address", person.mail);
  await out.press("Send link");
  const reset = link(await mail(person.mail, /Choose a new password/), "/reset/");
  age("UPDATE links SET ends = 1");
  await out.go(reset);
  await out.heading("This link can no longer be used");
  await out.look("link-ended");
  await out.close();
}

/** F13: a password that is too old is changed by the page for the first sign-in. */
async function outdated(scripts, login) {
  const out = await visitor({ scripts });
  await out.signIn(login, task.password);
  await out.heading("Update your password");
  await out.sees(/or because your password has expired/);
  await out.look("password-outdated");
  await out.go("/submissions");
  await out.heading("Update your password");
  const choose = async (password) => {
    await out.fill("Current password", task.password);
    await out.fill("New password", password);
    await out.fill("Confirm password", password);
    await out.press("Sign in");
  };
  await choose(task.password);
  await out.refused("New password must be different from your current password");
  await choose(PASSWORD);
  await out.stay();
  // The page that was asked for meanwhile.
  await out.heading("Submissions");
  await out.press("Sign out");
  await out.signIn(login, PASSWORD);
  await out.stay();
  await out.heading(/^Welcome/);
  await out.close();
}

/** Wrong passwords: each answer takes longer from the fourth on, and the right one is always taken. */
async function wrong(scripts, login) {
  // From a place of its own: the others are not to wait for what is guessed here.
  const out = await visitor({ scripts, from: scripts ? "192.0.2.1" : "192.0.2.2" });
  await out.go("/sign-in");
  await out.fill("Email address", login);
  await out.press("Next");
  let took = 0;
  for (let tries = 1; tries <= 5; tries += 1) {
    await out.fill("Password", `wrong ${tries}`);
    const began = performance.now();
    await out.press("Sign in");
    await out.page.waitForLoadState("load");
    took = performance.now() - began;
    await out.refused("Enter a correct email address and password");
    await out.heading("Enter password");
  }
  // The shortest that the fifth may take; how long a slow machine takes says nothing.
  assert(took >= 500, `the fifth wrong password was answered after ${took} ms`);
  await out.fill("Password", task.password);
  await out.press("Sign in");
  await out.stay();
  await out.heading(/^Welcome/);
  await out.close();
}

/** H7: staff make somebody else the Primary User, and both are told. */
async function primary(scripts, { login, name }) {
  const staff = await signedIn(scripts, task.staff, STAFF);
  await staff.go("/staff/accounts/acme");
  await staff.press("Change the Primary User of acme");
  await staff.sees("There is a problem");
  await staff.look("office-primary-error");
  const choose = async (who) => {
    await staff.page.getByLabel("New Primary User").selectOption({ label: who });
    await staff.press("Change the Primary User of acme");
    await staff.sees("Done");
  };
  const option = async (who) => {
    const labels = await staff.page.locator("#user option").allInnerTexts();
    return labels.find((label) => label.includes(who)) ?? assert.fail(`${who} is not among ${labels}`);
  };
  const before = mails().length;
  await choose(await option(name));
  await staff.look("office-primary-changed");
  for (const to of [login, task.login]) await mail(to, /Primary User/);
  assert(mails().length >= before + 2, "both are told");
  const next = await signedIn(scripts, login);
  await next.follow("Manage users");
  await next.heading(/users$/i);
  const old = await signedIn(scripts, task.login);
  await old.go("/users");
  await old.heading("You do not have access to this page");
  await old.go("/uploads/new");
  await old.heading("Upload XML files");
  await choose(await option("Pat Example"));
  await old.go("/users");
  await old.heading(/users$/i);
  for (const visited of [next, old, staff]) await visited.close();
}

await run([true, false].flatMap((scripts) => {
  const mark = scripts ? "one" : "two";
  const mode = scripts ? "with scripts" : "without scripts";
  const person = (first) => ({
    first, last: "Entry", mail: `${first.toLowerCase()}.${mark}@new.example`,
    manufacturer: `${first} Motors ${mark}`, code: `${first.toLowerCase()}-${mark}`, role: "primary",
  });
  return [
    [`E9: a request is refused, ${mode}`, () => refuse(scripts, person("Rhea"))],
    [`F1, F17: a password is created, and links end, ${mode}`, () => create(scripts, person("Cleo"))],
    [`F13: an outdated password, ${mode}`, () => outdated(scripts, task.more[mark].outdated)],
    [`five wrong passwords, ${mode}`, () => wrong(scripts, task.login)],
    [`H7: another Primary User, ${mode}`, () => primary(scripts, task.more[mark].other)],
  ];
}));
