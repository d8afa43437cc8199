/** The options of a command from the members of a body: the same names in kebab case, numbers as they are typed. */
export function optionsOf(
  members: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | boolean | readonly string[]>> {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([name, value]) => [
        optionName(name),
        // The schemas of the routes leave texts, numbers, flags and lists of texts.
        typeof value === 'number' ? String(value) : (value as string | boolean | readonly string[]),
      ]),
  );
}

export function optionName(member: string): string {
  return member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
