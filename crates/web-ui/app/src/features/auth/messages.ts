import { messages } from "@/i18n";

export const m = messages("auth", {
  title: "Sign in",
  to: "to {name}, the home of your game servers.",
  user: "Username or email",
  password: "Password",
  submit: "Sign in",
  forgotten: "Forgot the password? An operator of this panel can set a new one.",
  userNeeded: "Enter your username or email.",
  passwordNeeded: "Enter your password.",
  wrong: "Username or password is wrong.",
  limited: "Too many attempts. Try again in {seconds} s.",
  twoFactor: "This account needs a second factor, which this page can't ask for yet. Ask an operator.",
  expired: "Your session has ended. Sign in to go on.",
});
