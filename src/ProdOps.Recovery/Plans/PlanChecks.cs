using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Inventory.Sections;

namespace ProdOps.Recovery.Plans;

/// <summary>The checks of steps: those of monitoring, made once, without what only makes sense of a check that is repeated.</summary>
internal static class PlanChecks
{
    private static readonly HealthCheckDefinition Plain = new() { Name = "" };

    public static void Add(DataTable table, ReadContext context, List<HealthCheckDefinition> checks)
    {
        var values = HealthChecksSection.Once.Read(table, context);
        HealthCheckSort[] given = [.. HealthChecksSection.OnceSorts.Where(sort => values.Get(sort.Key) is not null)];
        if (given.Length != 1)
        {
            context.Report(PlanProblems.CheckSort(table.Position, HealthChecksSection.OnceSorts.Select(sort => sort.Key.Name)));
            return;
        }

        var check = HealthChecksSection.Bind(values);
        if (check.Address is { } address && SecretKeys.HasPassword(address)) context.Report(ProdOps.Servers.Inventory.EnvironmentProblems.PasswordInUrl(table.Position, context.Path));
        else checks.Add(check);
    }

    /// <summary>The check as the file has it: a command as a text, all else as a table with what differs from the defaults.</summary>
    public static object Written(HealthCheckDefinition check)
    {
        var table = new WrittenTable();
        // What OrTrue keys take for "the server's own" is an empty target.
        table.Add(check.Kind.ToString(), check.Target.Length == 0 ? true : check.Target);
        table
            .Add("RunOn", Text(check.RunOn)).Add("AsRoot", check.AsRoot ? true : null)
            .Add("Timeout", check.Timeout == Plain.Timeout ? null : Quantity.FormatDuration(check.Timeout))
            .Add("Warning", check.Warning?.ToString()).Add("Critical", check.Critical?.ToString())
            .Add("Send", check.Send).Add("Expect", check.Expect).Add("Matches", check.Matches)
            .Add("Method", check.Method == Plain.Method ? null : check.Method)
            .Add("Headers", check.Headers)
            .Add("Status", check.Status.SequenceEqual(Plain.Status) ? null : check.Status)
            .Add("RecordType", check.RecordType == Plain.RecordType ? null : check.RecordType)
            .Add("Address", check.Address).Add("Port", check.Port).Add("User", check.User).Add("Password", PlanWriter.Secret(check.Password))
            .Add("CaCertificate", check.CaCertificate);
        return check.Kind == HealthCheckKind.Script && table.Entries.Count == 1 ? check.Target : table;
    }

    private static string? Text(string text) => text.Length == 0 ? null : text;
}
