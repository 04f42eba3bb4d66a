// Code that is wider than the page scrolls: let the keyboard reach it, too.
addEventListener("DOMContentLoaded", () => {
  for (const code of document.querySelectorAll("pre")) if (code.scrollWidth > code.clientWidth) code.tabIndex = 0;
});
