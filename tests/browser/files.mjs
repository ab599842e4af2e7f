// Rows K, L, M, and the record of a vehicle: files are uploaded by hand, their outcomes found, and
// certificates read; with scripts, and once more without.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { closed, run, task, visitor } from "./lib.mjs";

const ROOT = "Unexpected root element 'root' in namespace ''. Expected 'InitialVehicleInformation' in namespace "
  + "'http://eu.ereg.initialvehicleinformation.v2'.";
const DUPLICATE = "A submission with the same VehicleIdentificationNumber, IviVersionNumber and "
  + "ManufacturerStageNumber already exists.";

/** A copy of a sample with another VIN and reference, under a name of its own. */
function certificate(mark, name, change = (text) => text) {
  const folder = join(task.scratch, `files-${mark}`);
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(task.petrol, "utf8")
    .replaceAll(task.vin, vin(mark, name))
    .replace(/(<IviReferenceId>)[0-9a-f]{8}/, `$1${mark === "one" ? "1a" : "2b"}${hash(name)}`);
  const path = join(folder, name);
  writeFileSync(path, change(text));
  return path;
}
const hash = (name) => [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xffffff, 7)
  .toString(16).padStart(6, "0");
const vin = (mark, name) => `SXZM1P${mark === "one" ? "1" : "2"}0000${hash(name).toUpperCase().replaceAll(/[IOQ]/g, "A")}`;

async function add(person, paths) {
  await person.page.locator("input[type=file]").setInputFiles(paths);
  if (!person.scripts) await person.press("Add files");
}

const row = (person, name) => person.page.getByRole("row").filter({ hasText: name });

/** Waits until nothing of the page is being processed any more. */
async function final(person) {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await person.page.locator("[data-unfinished]").count() === 0) return;
    await person.page.waitForTimeout(250);
    if (!person.scripts || tries % 8 === 7) await person.page.reload();
  }
  throw new Error("files are still being processed");
}

/** K1 to K21. */
async function upload(scripts, mark) {
  const person = await visitor({ scripts });
  await person.signIn(task.login, task.password);
  if (person.path() === "/stay-signed-in") await person.stay();
  await person.follow("Upload eCoC files");
  await person.heading("Upload XML files");
  await person.sees("No files selected");
  await person.sees(/up to 100 files/);
  await person.look("upload");

  await person.press("Send files for processing");
  await person.sees("There is a problem");
  await person.look("upload-errors");

  const good = certificate(mark, "good (2) v1.xml");
  const unwanted = certificate(mark, "unwanted.xml");
  const wrong = certificate(mark, "wrong-root.xml", () => "<root/>");
  const bad = certificate(mark, "bad-category.xml", (text) => text.replace(/(<VehicleCategory>)[^<]*/, "$1Z9"));
  const text = certificate(mark, "notes.txt", () => "not XML");
  const large = certificate(mark, "large.xml", (xml) => `${xml}<!--${" ".repeat(1_048_576)}-->`);
  await add(person, [good, unwanted, wrong, bad]);
  await person.sees("Waiting");
  await person.sees("N/A");
  await person.look("upload-added");
  await person.reaches(/Remove file/, 320);
  await row(person, "unwanted.xml").getByRole("button", { name: /Remove file/ }).click();
  await row(person, "unwanted.xml").waitFor({ state: "detached" });
  await add(person, [text]);
  await person.sees("The selected file must be an XML file");
  await add(person, [large]);
  await person.sees("The selected file must be smaller than 1MB");
  await person.look("upload-refused");

  await person.press("Send files for processing");
  await person.sees("There is a problem");
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await final(person);
  assert.match(await row(person, basename(good)).innerText(), /Success\s*$/, "K15, K19: success says nothing more");
  assert.match(await row(person, basename(wrong)).innerText(), /Failed[\s\S]*Invalid xml/);
  await person.sees(ROOT);
  assert.match(await row(person, basename(bad)).innerText(), /Failed/);
  assert.equal(await row(person, "unwanted.xml").count(), 0, "K8");
  await person.look("upload-results");
  const results = person.path();

  // K17, K18: the same key again.
  await person.go("/uploads/new");
  await add(person, [good]);
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await final(person);
  await person.sees("Duplicate submission");
  await person.sees(DUPLICATE);

  // Only checked: the same verdict, and nothing recorded.
  await person.go("/uploads/new");
  await add(person, [certificate(mark, "checked.xml")]);
  await person.page.getByLabel("Only check the files").check();
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await final(person);
  await person.sees("Success");
  await person.look("upload-checked");
  await person.go(results);
  await person.sees(ROOT);
  await person.close();
}

/** K11 to K14: the session ends while files wait to be sent, and a file is refused when it comes. */
async function interrupted(mark) {
  const person = await visitor();
  const signIn = async () => {
    await person.signIn(task.login, task.password);
    await person.page.waitForURL((url) => !url.pathname.includes("sign-in") || url.pathname === "/stay-signed-in");
    if (person.path() === "/stay-signed-in") await person.stay();
  };
  await signIn();
  await person.go("/uploads/new");
  const kept = certificate(mark, "kept.xml");
  const long = certificate(mark, `${"n".repeat(210)}.xml`);
  await add(person, [long, kept]);
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  await person.context.clearCookies();
  await person.press("Send files for processing");
  await person.sees(/Open this service in another tab, where it asks for something first: Sign in/);
  assert.equal(person.path(), "/uploads/new");
  assert.match(await row(person, "kept.xml").innerText(), /Waiting/);

  const waiting = person.page;
  person.page = await person.context.newPage();
  await signIn();
  await person.page.waitForURL((url) => url.pathname !== "/stay-signed-in");
  await closed(person.page);
  person.page = waiting;
  await person.press("Send files for processing");
  await person.sees(/The name of the selected file must be 200 characters or fewer/);
  assert.match(await row(person, "kept.xml").innerText(), /Waiting/);
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await final(person);
  assert.match(await row(person, "kept.xml").innerText(), /Success\s*$/);
  await person.close();
}

/** K14: a file is mended on the disk after it was chosen, so that the browser does not send it. */
async function mended(mark) {
  const person = await visitor();
  await person.signIn(task.login, task.password);
  if (person.path() === "/stay-signed-in") await person.stay();
  await person.go("/uploads/new");
  const path = certificate(mark, "mended.xml");
  await add(person, [path]);
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  utimesSync(path, new Date(), new Date(Date.now() + 5_000));
  await person.press("Send files for processing");
  await person.sees(/mended\.xml was changed, moved or removed after you chose it/);
  await row(person, "mended.xml").getByRole("button", { name: /Remove file/ }).click();
  await add(person, [path]);
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await person.close();
}

/** L1 to L15, M1 to M7. */
async function find(scripts, mark) {
  const person = await visitor({ scripts });
  await person.signIn(task.login, task.password);
  if (person.path() === "/stay-signed-in") await person.stay();
  await person.follow("Submissions");
  await person.sees("Status of your files");
  for (const column of ["VIN", "IVI", "Type Approval", "Account", "Stage", "Cat", "Status", "Created On"]) {
    assert.equal(await person.page.getByRole("columnheader", { name: column }).count(), 1, column);
  }
  assert.equal(await person.page.locator("th[aria-sort=descending]").innerText().then((text) => /Created On/.test(text)), true);
  await person.look("submissions");
  const wanted = vin(mark, "good (2) v1.xml");
  await person.page.getByLabel("VIN", { exact: true }).fill(`*${wanted.slice(-11)}`);
  await person.page.getByRole("button", { name: "Apply", exact: true }).click();
  const found = await person.page.locator("tbody tr").count();
  assert(found >= 1 && found <= 3, `the wildcard finds ${found}`);
  await person.look("submissions-filtered");
  await person.page.getByLabel("Failed").check();
  await person.page.getByRole("button", { name: "Apply", exact: true }).click();
  assert.equal(await person.page.locator("tbody .govuk-tag--green").count(), 0, "L12");
  await person.go("/submissions?file=bad-category");
  const csv = (await person.download(/^Download this list/)).toString("utf8");
  assert.match(csv, /bad-category\.xml/);
  await person.go(`/submissions?vin=${wanted}&outcome=accepted`);
  await person.go(`/submissions?vin=${wanted}`);
  await person.page.locator("tbody tr").filter({ hasText: "Succeeded" }).getByRole("link").first().click();
  await person.heading(/Submission detail/);
  for (const fact of ["Vehicle Identification Number", "IVI Version Number", "Type Approval Number",
    "Manufacturer Stage Number", "Vehicle Category", "Status", "Created On", "Uploaded By"]) {
    await person.sees(fact);
  }
  await person.look("submission-accepted");
  const receipt = JSON.parse(await person.download(/^Receipt/));
  assert.equal(receipt.status, "Succeeded");
  await person.go("/submissions?file=bad-category");
  await person.page.locator("tbody tr").first().getByRole("link").first().click();
  await person.sees(/VehicleCategory/);
  await person.look("submission-rejected");
  await person.close();
}

/** The record of a vehicle, readable, and two versions side by side. */
async function read(scripts, mark) {
  const person = await visitor({ scripts });
  await person.signIn(task.login, task.password);
  if (person.path() === "/stay-signed-in") await person.stay();
  const next = certificate(mark, "good (2) v1.xml", (text) => text
    .replace(/(<IviReferenceId>[0-9a-f]{8})-[0-9a-f]{4}/, "$1-0123")
    .replace(/(<IviVersionNumber>)1(<)/, "$12$2")
    .replace(/(<MassOfVehicleInRunningOrder>)\d+/, "$11501"));
  await person.go("/uploads/new");
  await add(person, [next]);
  await person.page.getByLabel("I confirm that the information provided is complete and accurate").check();
  await person.page.getByLabel(/I confirm that I have read and agreed to the Terms and Conditions/).check();
  await person.press("Send files for processing");
  await person.page.waitForURL(/\/uploads\/(?!new)/, { timeout: 20_000 });
  await final(person);
  await person.sees("Success");
  const wanted = vin(mark, "good (2) v1.xml");
  await person.go(`/vehicles/${wanted}`);
  await person.sees("In force");
  await person.look("vehicle");
  await person.reaches(/Read/, 320);
  await person.page.getByRole("link", { name: /Read/ }).first().click();
  await person.sees("The XML file is the certificate.");
  await person.look("certificate");
  await person.follow("Compare with another version");
  await person.page.getByLabel("From").selectOption({ index: 2 });
  await person.page.getByLabel("To", { exact: true }).selectOption({ index: 1 });
  await person.press("Compare");
  await person.sees(/1 changed|[2-9] changed/);
  await person.look("compare");
  await person.close();
}

await run([true, false].flatMap((scripts) => {
  const mark = scripts ? "one" : "two";
  const mode = scripts ? "with scripts" : "without scripts";
  return [
    [`K: upload, ${mode}`, () => upload(scripts, mark)],
    [`L, M: submissions, ${mode}`, () => find(scripts, mark)],
    ...(scripts ? [
      ["K11 to K14: upload interrupted", () => interrupted(mark)],
      ["K14: a file mended after it was chosen", () => mended(mark)],
    ] : []),
    [`the record of a vehicle, ${mode}`, () => read(scripts, mark)],
  ];
}));
