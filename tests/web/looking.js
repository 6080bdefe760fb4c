// What looking.py runs within a page, once axe is there.
window.looking = (() => {
  const FAILS = ["serious", "critical"];
  // In another theme nothing else of a page is different.
  const OF_COLOURS = ["color-contrast", "link-in-text-block"];
  // Rows of a table or list after the first: they are made as these are, and most of what axe would look at.
  const ALIKE = ["tbody tr:nth-child(n+9)", "[role=row]:nth-child(n+9)", "main li:nth-child(n+13)"];

  const passes = axe._audit.rules.filter(({ impact }) => !FAILS.includes(impact));
  const rules = Object.fromEntries(passes.map(({ id }) => [id, { enabled: false }]));
  let lookedAt = {};

  const shown = (within) =>
    [...document.querySelectorAll(`${within}, ${within} *`)].filter(
      (each) => each.checkVisibility() && !each.closest(ALIKE.join()),
    );

  const found = async (include, options) => {
    const { violations } = await axe.run({ include, exclude: ALIKE }, { ...options, resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => FAILS.includes(impact))
      .map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0].html.slice(0, 160)}`);
  };

  // The app hears of another theme or width with the next frame.
  const drawn = () => new Promise(requestAnimationFrame);

  return {
    /** Begin with a page of which nothing was looked at in any theme. */
    begin: () => {
      lookedAt = { light: new WeakSet(), dark: new WeakSet() };
    },
    /** Look at all that a part of the page shows, by every rule whose violation is a fault. */
    atAll: async (within, theme) => {
      await drawn();
      for (const each of shown(within)) lookedAt[theme].add(each);
      return found([within], { rules });
    },
    /** Look at the colours of what was not shown when the page was looked at in this theme before. */
    atOtherColours: async (within, theme) => {
      await drawn();
      const others = new Set(shown(within).filter((each) => !lookedAt[theme].has(each)));
      const outermost = [...others].filter((each) => !others.has(each.parentElement));
      return outermost.length === 0 ? [] : found(outermost, { runOnly: OF_COLOURS });
    },
  };
})();
