import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

// Ten shades around hue 208: shade 4 is the fill on dark, shade 8 the fill on light.
const kingfisher: MantineColorsTuple = [
  "#e3f8fb",
  "#c4eef4",
  "#96e0ea",
  "#57d1e3",
  "#4ac2d3",
  "#2fa9bd",
  "#168fa3",
  "#007a8f",
  "#006980",
  "#00505f",
];

const dark: MantineColorsTuple = [
  "#ecf1f3",
  "#b5c0c4",
  "#97a6ab",
  "#6d8188",
  "#3b4b50",
  "#27353a",
  "#1c292e",
  "#152024",
  "#0e181b",
  "#081013",
];

export const theme = createTheme({
  primaryColor: "kingfisher",
  primaryShade: { light: 8, dark: 4 },
  colors: { kingfisher, dark },
  autoContrast: true,
  luminanceThreshold: 0.36,
  fontFamily: '"Atkinson Hyperlegible Next", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: '"Atkinson Hyperlegible Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "15px" }, h3: { fontSize: "14px" } },
  },
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "17px", xl: "22px" },
  lineHeights: { xs: "16px", sm: "18px", md: "20px", lg: "24px", xl: "28px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "4px", sm: "7px", md: "10px", lg: "14px", xl: "999px" },
  defaultRadius: "sm",
  breakpoints: { xs: "20em", sm: "47.5em", md: "64em", lg: "75em", xl: "100em" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // The kit's invisible first-focus element is not a menu item, which a menu's children have to be.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, transitionProps: { duration: 90 } } },
  },
});

/** Points Mantine's variables at the design's tokens, which change with `data-theme`. */
export const cssVariables: CSSVariablesResolver = () => {
  const roles = {
    "--mantine-color-body": "var(--canvas)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--text-3)",
    "--mantine-color-placeholder": "var(--text-3)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-default-border": "var(--line-2)",
    "--mantine-color-error": "var(--st-failed)",
    "--mantine-color-anchor": "var(--accent)",
  };
  return { variables: {}, dark: roles, light: roles };
};
