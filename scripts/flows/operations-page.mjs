/** The page docs/operations.md: every operation with the right it needs. */
export function operationsPage(operations) {
  const byDialect = new Map();
  for (const operation of operations) {
    const dialect = operation.id.split(".")[0];
    byDialect.set(dialect, [...(byDialect.get(dialect) ?? []), operation]);
  }
  const parts = [...byDialect].map(([dialect, own]) => {
    const rows = own.map(
      ({ method, path, permission, summary }) =>
        `| \`${method.toUpperCase()} ${cell(path)}\` | ${permission === "public" ? "-" : permission} | ${cell(summary)} |`,
    );
    return `## ${dialect}\n| operation | right | does |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# Operations\n\nMade by \`npm run flows\` from \`api/catalogue.ts\`; fields and answers are in \`/openapi.json\`, shown at\n\`/docs\`. Errors, limits and credentials: [api.md](api.md).\n\n${parts.join("\n")}`;
}

function cell(text) {
  return text.replace(/\|/g, "\\|");
}
