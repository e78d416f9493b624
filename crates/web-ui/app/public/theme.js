// Runs before the first paint, as a file because the content security policy allows no inline script.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("roost.theme");
  } catch {
    // Storage is blocked: the system's preference decides.
  }
  const light =
    choice === "light" || (choice !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
  const root = document.documentElement;
  root.dataset.theme = light ? "light" : "dark";
  root.dataset.mantineColorScheme = root.dataset.theme;
})();
