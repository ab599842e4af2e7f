// Steps that several journeys take: asking for an account, the decision, signing in.

import { createHash } from "node:crypto";
import assert from "node:assert/strict";
import { link, mail, query, task, visitor } from "./lib.mjs";

/** Somebody who has signed in. */
export async function signedIn(scripts, login, { entrance, password = task.password } = {}) {
  const person = await visitor({ scripts });
  await person.signIn(login, password, entrance);
  await person.page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  if (person.path() === "/stay-signed-in") {
    await person.stay();
    await person.page.waitForURL((url) => url.pathname !== "/stay-signed-in");
  }
  if (person.path() === "/terms/agree") await agree(person);
  return person;
}

/** Agrees to terms that have changed. */
export async function agree(person) {
  await person.page.getByLabel("I have read and agree to the Terms of Use").check();
  await person.press("Continue");
  await person.page.waitForURL((url) => url.pathname !== "/terms/agree");
}

/** C1 to C4, D1 to D13, E1 to E8: asks for an account and confirms the address. */
export async function register(scripts, person) {
  const out = await visitor({ scripts });
  await out.go("/");
  await out.follow("Create an account");
  await out.heading("Register for an eCoC account");
  await out.sees("When to use this form");
  await out.look("register");
  await out.follow("Start now");
  await out.look("register-details");
  const picture = out.page.locator("img.ecocd-code");
  const before = await picture.getAttribute("src");
  assert(await picture.evaluate((image) => image.complete && image.naturalWidth > 0), "the code is an image");
  const sound = await out.context.request.get(
    `${task.url}${await out.page.getByRole("link", { name: /Play the audio code/ }).getAttribute("href")}`,
  );
  assert.match(sound.headers()["content-type"], /^audio\//);
  assert((await sound.body()).length > 10_000, "the code can be heard");
  await out.fill("First Name *", person.first);
  await out.press("Generate a new image");
  assert.notEqual(await picture.getAttribute("src"), before, "the image is a new one");
  assert.equal(await out.page.getByLabel("First Name *").inputValue(), person.first, "what was typed is kept");
  await out.fill("Email *", "not an address");
  await out.press("Submit");
  await out.refused(/email address in the correct format/i);
  await out.look("register-details-errors");
  await out.fill("Last Name *", person.last);
  await out.fill("Email *", person.mail);
  await out.fill("Manufacturer Name *", person.manufacturer);
  const token = await out.page.locator("input[name=challenge]").getAttribute("value");
  const seal = createHash("sha256").update(token).digest("hex");
  const code = query(`SELECT answer FROM challenges WHERE token = '${seal}'`);
  assert.match(code, /^\w{7}$/);
  assert(!(await out.page.content()).includes(code), "the code is nowhere in the page");
  await out.fill("Enter the code from the image *", code);
  // A form that is filled faster than a person can is taken for a robot's.
  await out.page.waitForTimeout(task.fill_ms);
  await out.press("Submit");
  await out.heading("Request received");
  await out.sees(/^Your reference number is/);
  const reference = (await out.page.locator(".govuk-panel__body").innerText()).match(/REG-[A-Z2-9]{5}/)[0];
  await out.sees("What happens next");
  await out.look("register-done");
  const letter = await mail(person.mail, /Confirm your request/);
  await out.go(link(letter, "/register/confirm/"));
  await out.look("register-confirm");
  await out.press("Confirm email address");
  await out.look("register-confirmed");
  await out.close();
  return reference;
}

/** E7 to E10: staff decide. */
export async function decide(scripts, reference, person) {
  const staff = await visitor({ scripts });
  await staff.go("/staff");
  await staff.look("staff-sign-in");
  await staff.signIn(task.staff, task.password, "/staff");
  await staff.stay();
  await staff.go("/staff/requests");
  await staff.sees(reference);
  await staff.look("staff-requests");
  await staff.follow(reference);
  await staff.sees("Decide by");
  await staff.look("staff-request");
  await staff.fill("Account code", person.code);
  await staff.press("Approve and invite");
  await staff.look("staff-request-approved");
  await staff.close();
}
