import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLayoutGrid,
  IconLogout,
  IconMoon,
  IconSelector,
  IconShieldCog,
  IconSun,
  IconUserCog,
  type Icon as TablerIcon,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, take } from "@/api/client";
import { dropToken } from "@/api/consistency";
import { asFailure } from "@/api/error";
import { type Account, accountQuery } from "@/api/queries";
import { type Message, useT } from "@/i18n";
import { initials } from "@/lib/format";
import { type ThemeChoice, useTheme } from "@/lib/theme-store";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { toastFailure } from "@/ui/toasts";
import { m } from "./messages";

const choices: [ThemeChoice, Message, TablerIcon][] = [
  ["auto", m.auto, IconDeviceDesktop],
  ["dark", m.dark, IconMoon],
  ["light", m.light, IconSun],
];

interface Props {
  account: Account;
  admin: boolean;
  onShortcuts: () => void;
}

/** Who is signed in, with the account, appearance, keys and sign-out behind it. */
export function AccountMenu({ account, admin, onShortcuts }: Props) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { choice, choose } = useTheme();
  const signOut = useMutation({
    mutationFn: () => take(api.POST("/api/client/account/logout")),
    onSuccess: async () => {
      dropToken();
      client.clear();
      client.setQueryData(accountQuery.queryKey, null);
      await navigate({ to: "/auth/login" });
    },
    onError: (error) => toastFailure(t(m.signOut), asFailure(error)),
  });
  const name = `${account.name_first} ${account.name_last}`.trim() || account.username;
  return (
    <Menu width={232} position="top-start" offset={6}>
      <Menu.Target>
        <button type="button" className="me">
          <span className="ava" aria-hidden="true">
            {initials(account.name_first || account.username, account.name_last)}
          </span>
          <span className="trunc">
            <span className="vh">{t(m.accountMenu)} </span>
            <span className="b">{name}</span>
            <br />
            <span className="t3 xs">{account.email}</span>
          </span>
          <span className="sp" />
          <Icon of={IconSelector} size="s" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(m.appearance)}</Menu.Label>
        <Menu.RadioGroup value={choice} onChange={(value) => choose(value as ThemeChoice)}>
          {choices.map(([value, label, icon]) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick={false}>
              <span className="row">
                <Icon of={icon} />
                {t(label)}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon of={IconUserCog} />} onClick={() => void navigate({ to: "/account" })}>
          {t(m.account)}
        </Menu.Item>
        {account.admin ? (
          <Menu.Item
            leftSection={<Icon of={admin ? IconLayoutGrid : IconShieldCog} />}
            onClick={() => void navigate({ to: admin ? "/" : "/admin" })}
          >
            {t(admin ? m.backToServers : m.adminArea)}
          </Menu.Item>
        ) : null}
        <Menu.Item leftSection={<Icon of={IconKeyboard} />} onClick={onShortcuts}>
          {t(m.shortcuts)}
        </Menu.Item>
        <Menu.Item leftSection={<Icon of={IconLogout} />} onClick={() => signOut.mutate()}>
          {t(m.signOut)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
