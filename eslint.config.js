import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/lib/", "**/node_modules/", "extensions/assay_extension/", "hub/assay_hub/", ".venv/", ".assay/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 45, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    // These replace methods of Lab's classes and call the old ones with the object at hand.
    files: ["extensions/labextension/src/untrusted.ts", "extensions/labextension/src/widgets.ts"],
    rules: { "@typescript-eslint/unbound-method": "off" },
  },
);
