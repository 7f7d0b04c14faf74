/**
 * Tells the form the customs of this browser: its zone, how it orders a date, where its week begins. Without them the server assumes
 * UTC, the day first, and Monday.
 */

const { language } = navigator;
const format = new Intl.DateTimeFormat(language);
const parts = { day: "d", month: "m", year: "y" };
const order = format.formatToParts().map(({ type }) => parts[/** @type {"day"} */ (type)] ?? "").join("");
/** @type {any} not in every browser, and not yet in the types */
const locale = new Intl.Locale(language);
const first = (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay;

const customs = {
  timezone: format.resolvedOptions().timeZone,
  date_order: ["dmy", "mdy", "ymd"].includes(order) ? order : "",
  week_start: { 1: "monday", 6: "saturday", 7: "sunday" }[/** @type {1} */ (first)] ?? "",
};
for (const [name, value] of Object.entries(customs)) {
  const field = document.querySelector(`input[name=${name}]`);
  if (field instanceof HTMLInputElement) field.value = value;
}
