using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory;

/// <summary>The catalogue of what can be wrong in an environment's file: one factory a problem. Messages never hold a secret.</summary>
internal static partial class EnvironmentProblems
{
    public static EnvironmentProblem Syntax(SourcePosition position, string message, string recommendation) => new("Syntax", position, message, recommendation);

    public static EnvironmentProblem DuplicateKey(SourcePosition position, string key, SourcePosition first) => new(
        "DuplicateKey", position, $"The key '{key}' stands twice in this table, first in line {first.Line}.", "Remove one of them.") { Key = key };

    public static EnvironmentProblem UnknownKey(SourcePosition position, string key, string table, string? near, IReadOnlyList<Key> known) => new(
        "UnknownKey", position, $"{table} has no key '{key}'." + (near is null ? "" : $" Did you mean '{near}'?"),
        near is null ? $"The keys are {string.Join(", ", known.Select(one => one.Name))}." : $"Write {near}.");

    public static EnvironmentProblem MissingKey(SourcePosition position, string key, string table) => new(
        "MissingKey", position, $"This table of {table} lacks the key '{key}'.", $"Add {key} = …");

    public static EnvironmentProblem WrongType(SourcePosition position, string key, string expected, string found) => new(
        "WrongType", position, $"'{key}' takes {expected}, and {found} stands there.", $"Write {expected}.");

    public static EnvironmentProblem EmptyText(SourcePosition position, string key) => new(
        "InvalidValue", position, $"The text of '{key}' is empty or has line breaks or control characters in it.", "Write a text on one line, or leave the key out.");

    public static EnvironmentProblem InvalidValue(SourcePosition position, string key, string text, string rule) => new(
        "InvalidValue", position, $"'{text}' is no value for '{key}'.", rule);

    public static EnvironmentProblem SecretInClear(SourcePosition position, string key) => new(
        "SecretInClear", position, $"'{key}' holds a secret in the clear.",
        "Take the secret out of the file, change it where it was in use, and say where it is: @{ File = … }, @{ Variable = … }, @{ Secret = … } or @{ Command = … }.");

    public static EnvironmentProblem PasswordInUrl(SourcePosition position, string key) => new(
        "SecretInClear", position, $"The URL in '{key}' holds a password in the clear.", "Take the password out of the URL, change it where it was in use, and name its source in a key of its own.");

    public static EnvironmentProblem SecretUrl(SourcePosition position, string key) => new(
        "SecretInClear", position, $"The URL in '{key}' looks like one that is a secret itself: whoever has it can send messages.",
        "Take it out of the file, and say where it is: @{ File = … }, @{ Variable = … }, @{ Secret = … } or @{ Command = … }.");

    public static EnvironmentProblem SecretHeader(SourcePosition position, string key, string header) => new(
        "SecretInClear", position, $"The header '{header}' in '{key}' holds a secret in the clear.", "Take it out of the file, change it where it was in use, and say where it is with a key of its own: User and Password, or Token.");

    public static EnvironmentProblem SecretSourceCount(SourcePosition position, string key) => new(
        "SecretSourceCount", position, $"'{key}' must name exactly one source of the secret.", "Keep one of File, Variable, Secret and Command.");
}
