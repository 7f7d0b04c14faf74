/** Resolves when the browser has painted what was changed until now; in a tab that paints nothing, after a moment. */
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 100);
  });
