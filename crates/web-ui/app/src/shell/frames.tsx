import { Outlet } from "@tanstack/react-router";
import { Shell } from "./shell";

/** The frame of a person's own pages. */
export function UserFrame() {
  return (
    <Shell kind="user">
      <Outlet />
    </Shell>
  );
}

/** The frame of the admin area. */
export function AdminFrame() {
  return (
    <Shell kind="admin">
      <Outlet />
    </Shell>
  );
}
