/**
 * Follows changes made elsewhere. One tab listens for all of this browser, since browsers allow few connections to one host;
 * when it closes, another takes over.
 */

const channel = new BroadcastChannel("todo");
/** Milliseconds until a stream that was refused is asked for again; each refusal doubles them. */
const SOON = 1000;
const LATE = 30_000;

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
  // Something may have changed unseen, here and in the other tabs.
  const missed = () => {
    channel.postMessage({});
    tell({});
  };
  const listen = () =>
    new Promise(() => {
      let lost = false;
      let wait = SOON;
      const connect = () => {
        const events = new EventSource("/api/events");
        events.addEventListener("change", ({ data }) => {
          const change = JSON.parse(data);
          channel.postMessage(change);
          tell(change);
        });
        events.onerror = () => {
          lost = true;
          // The browser itself connects again after a break, but never after a refusal, such as a proxy's while the server starts.
          if (events.readyState !== EventSource.CLOSED) return;
          // Where the session is over, asking for the page leads to the sign-in.
          if (wait === SOON) missed();
          setTimeout(connect, wait);
          wait = Math.min(2 * wait, LATE);
        };
        events.onopen = () => {
          wait = SOON;
          if (lost) missed();
          lost = false;
        };
        addEventListener("pagehide", () => events.close(), { once: true });
      };
      // A page that comes back from the browser's memory has missed what happened.
      addEventListener("pageshow", (event) => {
        if (!(event instanceof PageTransitionEvent) || !event.persisted) return;
        lost = true;
        connect();
      });
      connect();
    });
  if (navigator.locks) navigator.locks.request("todo-events", listen);
  else listen();
}
