/**
 * Follows changes made elsewhere. One tab listens for all of this browser, since browsers allow few connections to one host;
 * when it closes, another takes over.
 */

const channel = new BroadcastChannel("todo");

/**
 * @param {(change: { operation_id?: string | null }) => void} changed
 */
export function follow(changed) {
  let stale = false;
  /** @param {unknown} change */
  const tell = (change) => {
    if (document.hidden) stale = true;
    else changed(/** @type {{ operation_id?: string | null }} */ (change));
  };
  channel.onmessage = ({ data }) => tell(data);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && stale) {
      stale = false;
      changed({});
    }
  });
  const listen = () =>
    new Promise(() => {
      const events = new EventSource("/api/events");
      let lost = false;
      events.addEventListener("change", ({ data }) => {
        const change = JSON.parse(data);
        channel.postMessage(change);
        tell(change);
      });
      events.onerror = () => {
        lost = true;
      };
      events.onopen = () => {
        if (lost) {
          channel.postMessage({});
          tell({});
        }
        lost = false;
      };
      addEventListener("pagehide", () => events.close());
    });
  if (navigator.locks) navigator.locks.request("todo-events", listen);
  else listen();
}
