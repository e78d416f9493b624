// The menu of the component kit with exactly the styles it needs.
import "@mantine/core/styles/UnstyledButton.layer.css";
import "@mantine/core/styles/Popover.layer.css";
import "@mantine/core/styles/Menu.layer.css";

export { Menu } from "@mantine/core";
