/** Tells the form the zone of this browser; without it the server assumes UTC. */

const zone = document.querySelector("input[name=timezone]");
if (zone instanceof HTMLInputElement) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
