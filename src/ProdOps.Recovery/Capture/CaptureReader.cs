using System.Security.Cryptography;
using System.Text;
using ProdOps.Recovery.Capture.Reading;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Capture;

/// <summary>Captures servers. One of these is made for a command: all its captures share a salt, which is forgotten with it.</summary>
/// <param name="time">The clock.</param>
internal sealed class CaptureReader(TimeProvider time)
{
    private readonly string _salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private readonly string _proofId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Looks at a server: as root where that is allowed, else as the login user, which <see cref="ServerConfiguration.NotRead"/> says.</summary>
    /// <param name="shell">The server's shell.</param>
    /// <param name="backups">What backup sets have of it.</param>
    /// <param name="activity">Is told what is done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProdOpsException">It could not be asked, or the answer is not understood.</exception>
    public async Task<ServerConfiguration> ReadAsync(IServerShell shell, BackedUp backups, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(shell, true, null, backups, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (error.ErrorId is "SudoRefused" or "SudoMissing" or "SudoPasswordWrong")
        {
            activity.Warning($"{shell.Name}: captured without root, so that much is missing: {error.Message}");
            return await AskAsync(shell, false, error.Message, backups, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what the script printed.</summary>
    /// <exception cref="ProdOpsException">It is no whole answer.</exception>
    public static ServerConfiguration Parse(string server, string nonce, string printed, BackedUp backups)
    {
        var text = CaptureText.Find(server, nonce, printed);
        var items = new ItemList();
        var facts = SystemReader.Facts(text);
        bool root = facts.GetValueOrDefault("user") == "0";
        if (!root) items.Gap("root", "captured as a user that is not root: what only root may read is missing");
        SystemReader.Read(text, facts, items);
        PackageReader.Read(text, items);
        ServiceReader.Read(text, facts, items);
        var coverage = new FileReader(text, items, backups).Read();
        KeyReader.Read(text, items);
        DatabaseReader.Read(text, items);
        NameBackups(items, backups);
        return new ServerConfiguration
        {
            Server = server,
            AsRoot = root,
            System = facts.GetValueOrDefault("PRETTY_NAME") ?? "",
            SystemId = $"{facts.GetValueOrDefault("ID")} {facts.GetValueOrDefault("VERSION_ID")}".Trim(),
            Machine = facts.GetValueOrDefault("machine") ?? "",
            Items = [.. items.Items.OrderBy(item => item.Kind).ThenBy(item => item.Name, StringComparer.Ordinal)],
            NotRead = [.. items.NotRead.Distinct()],
            Coverage = coverage,
        };
    }

    private async Task<ServerConfiguration> AskAsync(IServerShell shell, bool asRoot, string? why, BackedUp backups, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        long begun = time.GetTimestamp();
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var options = new CommandRunOptions { Input = Encoding.ASCII.GetBytes(_salt + "\n"), MaximumOutput = CaptureScript.MaximumOutput };
        var output = await shell.RunAsync(CaptureScript.Command(nonce, asRoot), options, cancellationToken).ConfigureAwait(false);
        var capture = Parse(shell.Name, nonce, output.Text, backups);
        if (why is not null) capture = capture with { NotRead = [new ServerConfigurationGap("sudo", why), .. capture.NotRead] };
        return capture with { Time = now, Duration = time.GetElapsedTime(begun), ProofId = _proofId };
    }

    /// <summary>Says of each database which backup set has it.</summary>
    private static void NameBackups(ItemList items, BackedUp backups)
    {
        foreach (var item in items.Items.Where(item => item.Kind == ServerConfigurationKind.Database).ToList())
            if (item.Property("Engine") is { } engine && backups.SetOf(new RecoveryDatabase(engine, item.Property("Database") ?? item.Property("Path") ?? "")) is { } set) items.Set(item, "BackupSet", set);
    }
}
