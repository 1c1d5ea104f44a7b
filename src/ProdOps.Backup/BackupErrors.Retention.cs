namespace ProdOps.Backup;

internal static partial class BackupErrors
{
    public static ProdOpsException RetentionRuleUnknown(string name, IReadOnlyList<string> known) => new(
        "RetentionRuleUnknown", ErrorKind.InvalidArgument,
        $"There is no rule '{name}' for keeping backups.",
        $"The rules are {string.Join(", ", known)}.")
    { Target = name };

    public static ProdOpsException RetentionRuleInvalid(string name, string value, string advice) => new(
        "RetentionRuleInvalid", ErrorKind.InvalidArgument,
        $"The rule '{name}' cannot be '{value}'.",
        advice)
    { Target = name };

    public static ProdOpsException RetentionGroupingUnknown(string name) => new(
        "RetentionGroupingUnknown", ErrorKind.InvalidArgument,
        $"Backups cannot be grouped by '{name}'.",
        "Group them by Server, Paths or Tags, or by None to count all together.")
    { Target = name };

    /// <summary>restic, too, removes nothing without a rule.</summary>
    public static ProdOpsException RetentionPolicyEmpty() => new(
        "RetentionPolicyEmpty", ErrorKind.InvalidArgument,
        "No rule says what to keep, so nothing was removed.",
        "Give at least one, such as -Keep @{ Daily = 14 }. To remove certain backups, name them.");

    public static ProdOpsException RetentionRemovesAll(string group) => new(
        "RetentionRemovesAll", ErrorKind.InvalidOperation,
        $"The rules keep no backup of '{group}'. Nothing was removed, neither there nor elsewhere.",
        "Add a rule that keeps some, such as Last = 1, or filter by -Server, -Path or -Tag. To remove all of them, name them: Get-Backup … | Remove-Backup.")
    { Target = group };
}
