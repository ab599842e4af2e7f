// Rows A, B, C, D, E, F, G, I, J and the requests of the back office: from the landing page to a
// working account with users; with scripts, and once more without.

import assert from "node:assert/strict";
import { link, mail, run, task, visitor } from "./lib.mjs";
import { decide, register } from "./steps.mjs";

const PASSWORD = "a password that nobody else has";

/** A1 to A12, B1 to B8, N1, N2: what everybody sees. */
async function landing(scripts) {
  const out = await visitor({ scripts });
  await out.go("/");
  await out.heading(/^Welcome to the .* e-CoC \(Certificate of Conformity\) portal$/);
  await out.sees("Sign in if:");
  await out.sees("Register if:");
  await out.sees("This is a new service. Help us improve it and");
  const feedback = out.page.getByRole("link", { name: "give your feedback (opens in a new tab)" });
  assert.equal(await feedback.getAttribute("target"), "_blank");
  await out.look("start");
  for (const page of ["/guide", "/terms", "/accessibility", "/cookies", "/sign-in", "/staff", "/forgotten", "/no-such-page"]) {
    await out.go(page);
    await out.look(page.slice(1));
  }
  await out.close();
}

/** F1 to F17, G1 to G4: from the mail to the home page. */
async function redeem(scripts, person, subject) {
  const out = await visitor({ scripts });
  const letter = await mail(person.mail, subject);
  const temporary = letter.body.match(/temporary password:\n\n(\S+)\n/)?.[1];
  assert(temporary, `no temporary password in: ${letter.body}`);
  const way = link(letter, "/redeem/");
  await out.go(way);
  await out.heading(/Sign up with an invitation code$/);
  await out.look("redeem");
  await out.press("Register");
  await out.look("redeemed");
  await out.signIn(person.mail, "wrong password");
  await out.sees("There is a problem");
  await out.look("enter-password-error");
  await out.signIn(person.mail, temporary);
  await out.heading("Update your password");
  await out.look("update-password");
  await out.go("/submissions");
  await out.heading("Update your password");
  await out.fill("Current password", temporary);
  await out.fill("New password", "password1234");
  await out.fill("Confirm password", "password1234");
  await out.press("Sign in");
  await out.sees("There is a problem");
  await out.look("update-password-error");
  await out.fill("Current password", temporary);
  await out.fill("New password", PASSWORD);
  await out.fill("Confirm password", PASSWORD);
  await out.press("Sign in");
  await out.sees("Stay signed in?");
  await out.look("stay");
  await out.page.getByLabel("Don't show this again").check();
  await out.press("Yes");
  // The page that was asked for before the password had to be changed.
  await out.heading("Submissions");
  await out.go("/");
  await out.heading(/^Welcome to the .* e-CoC portal$/);
  await out.look(`home-${person.role}`);
  await out.press("Sign out");
  await out.sees("Sign in if:");
  // F17: the link works once.
  await out.go(way);
  assert.equal(await out.page.getByRole("button", { name: "Register", exact: true }).count(), 0);
  await out.look("redeem-used");
  await out.close();
}

/** I1 to I10: the Primary User invites. */
async function invite(scripts, primary, person) {
  const out = await visitor({ scripts });
  await out.signIn(primary.mail, PASSWORD);
  await out.heading(/^Welcome/);
  await out.follow("Manage users");
  await out.look("users");
  await out.follow("Invite a new user");
  await out.sees("Step 1 - Email");
  await out.fill("Invitee E-mail *", primary.mail);
  await out.press("Verify email address");
  await out.refused("This email is already taken. To invite this person as a user, use a unique email address.");
  await out.look("invite-taken");
  await out.fill("Invitee E-mail *", person.mail);
  await out.press("Verify email address");
  await out.sees("Step 2 - Details");
  assert(!(await out.page.getByLabel("Account", { exact: true }).isEditable()), "the account is fixed");
  await out.look("invite-details");
  await out.fill("Invitee First Name *", person.first);
  await out.fill("Invitee Last Name *", person.last);
  await out.press("Save and continue");
  await out.sees("Step 3 - Role");
  await out.press("Submit");
  await out.refused(/role/i);
  await out.look("invite-role");
  await out.page.getByLabel("eCoC Web Role *").selectOption("View User");
  await out.press("Submit");
  await out.heading("New user invitation request received");
  await out.sees(/INV-\d+/);
  await out.look("invited");
  await out.follow("Back to manage users");
  await out.sees(person.mail);
  await out.reaches(/Edit roles/, 1280);
  await out.close();
}

/** J1 to J7: roles change, access ends, and what is open then ends at once. */
async function roles(scripts, primary, person) {
  const other = await visitor({ scripts });
  await other.signIn(person.mail, PASSWORD);
  await other.heading(/^Welcome/);
  assert.equal(await other.page.getByRole("link", { name: "Manage users" }).count(), 0, "G3");
  assert.equal(await other.page.getByRole("link", { name: "Upload eCoC files" }).count(), 0, "G3");
  const out = await visitor({ scripts });
  await out.signIn(primary.mail, PASSWORD);
  await out.go("/users");
  const row = out.page.getByRole("row").filter({ hasText: person.mail });
  await row.getByRole("link", { name: /Edit roles/ }).click();
  await out.look("role");
  await out.page.getByLabel("Role", { exact: true }).selectOption("Upload User");
  await out.press("Submit");
  await out.sees("Upload User");
  await mail(person.mail, /role/i);
  await other.go("/uploads/new");
  await other.heading("Upload XML files");
  await out.go("/users");
  await row.getByRole("link", { name: /Edit roles/ }).click();
  await out.page.getByLabel("Role", { exact: true }).selectOption("Remove all roles and access");
  await out.press("Submit");
  await other.go("/submissions");
  assert.match(other.path(), /^\/sign-in/, "removed access ends sessions");
  await out.close();
  await other.close();
}

/** F16: a forgotten password, and the same answer for an address that is nobody's. */
async function forgotten(scripts, person) {
  const out = await visitor({ scripts });
  for (const address of ["nobody@nowhere.example", person.mail]) {
    await out.go("/sign-in");
    await out.fill("Email address", address);
    await out.press("Next");
    await out.heading("Enter password");
    await out.follow("Forgot password?");
    await out.fill("Email address", address);
    await out.press("Send link");
    await out.heading("Check your email");
  }
  await out.look("check-email");
  const letter = await mail(person.mail, /Choose a new password/);
  await out.go(link(letter, "/reset/"));
  await out.look("reset");
  await out.fill("New password", `${PASSWORD} again`);
  await out.fill("Confirm password", `${PASSWORD} again`);
  await out.press("Save password");
  await out.heading("Your password has been changed");
  await out.look("reset-done");
  await out.signIn(person.mail, `${PASSWORD} again`);
  await out.heading(/^Welcome/);
  await out.close();
}

const people = (mark) => [
  { first: "Ada", last: "Prime", mail: `ada.${mark}@new.example`, manufacturer: `New Motors ${mark}`, code: `new-${mark}`, role: "primary" },
  { first: "Vera", last: "View", mail: `vera.${mark}@new.example`, role: "view" },
];

await run([true, false].flatMap((scripts) => {
  const [primary, viewer] = people(scripts ? "one" : "two");
  const mode = scripts ? "with scripts" : "without scripts";
  let reference;
  return [
    [`B, N: landing, ${mode}`, () => landing(scripts)],
    [`C, D, E: registration, ${mode}`, async () => { reference = await register(scripts, primary); }],
    [`E: review, ${mode}`, () => decide(scripts, reference, primary)],
    [`F, G: redeem, ${mode}`, () => redeem(scripts, primary, /has been set up/)],
    [`I: invite, ${mode}`, () => invite(scripts, primary, viewer)],
    [`I10: redeem an invitation, ${mode}`, () => redeem(scripts, viewer, /invit/i)],
    [`J, H: roles, ${mode}`, () => roles(scripts, primary, viewer)],
    [`F16: forgotten password, ${mode}`, () => forgotten(scripts, primary)],
  ];
}));
