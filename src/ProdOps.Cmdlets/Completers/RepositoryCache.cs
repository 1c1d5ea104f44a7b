using System.Collections.Concurrent;
using ProdOps.Cmdlets.Backup;
using ProdOps.Cmdlets.Drive;
using ProdOps.Cmdlets.Places;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The repositories that completers have opened: deriving a key takes a quarter of a second, too long for every keystroke.</summary>
internal static class RepositoryCache
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private static readonly ConcurrentDictionary<string, Entry> Opened = new(StringComparer.Ordinal);

    /// <summary>The repository that a command line means, being opened; <see langword="null"/> if it names none, or no password that comes unasked.</summary>
    public static Task<RepositoryView>? Open(BoundValues bound)
    {
        RemoveOld();
        if (CompletionSession.Find() is not { } session) return null;
        string? named = bound.Text("Repository", "Repo");
        if (named is null && RepositoryPlace.FromVariables() is null) return null;
        var place = RepositoryPlace.Find(session, named, bound.Text("Environment"));
        var given = PasswordSources.FromParameters(
            bound.Password, bound.Text("PasswordFile") is { } file ? session.Path.GetUnresolvedProviderPathFromPSPath(file) : null, bound.Text("PasswordVariable"), command: null);
        if (given is null && BackupDriveInfo.FindView(session, place.Location) is { } mounted) return Task.FromResult(mounted);
        // A command may ask for a fingerprint or a passphrase, which nobody expects of the Tab key.
        if (given is null && bound.Text("PasswordCommand") is not null) return null;
        if (given is null && place.Entry?.Password is { } reference)
        {
            if (reference.Kind is not (SecretKind.File or SecretKind.Variable)) return null;
            given = SecretSource.From(reference, vault: null);
        }

        if ((given ?? PasswordSources.FromEnvironment(mayRun: false)) is not { } source) return null;
        string key = $"{place.Location}\0{source}\0{bound.Password?.GetHashCode()}";
        var shells = SessionShells.Current;
        var entry = Opened.GetOrAdd(key, _ => new Entry(new Lazy<Task<RepositoryView>>(() => Task.Run(() => OpenAsync(place, source, shells)))));
        entry.UsedAt = TimeProvider.System.GetTimestamp();
        return entry.View.Value;
    }

    private static async Task<RepositoryView> OpenAsync(RepositoryPlace place, SecretSource source, ServerShells shells)
    {
        using var password = await source.ResolveAsync(CancellationToken.None);
        return await RepositoryView.OpenAsync(place, password, shells, CancellationToken.None);
    }

    /// <summary>Failures are forgotten at once: a password file may have been put right.</summary>
    private static void RemoveOld()
    {
        foreach (var (key, entry) in Opened)
        {
            bool failed = entry.View is { IsValueCreated: true, Value.IsFaulted: true };
            if (failed || TimeProvider.System.GetElapsedTime(entry.UsedAt) > KeptFor) Opened.TryRemove(key, out _);
        }
    }

    private sealed class Entry(Lazy<Task<RepositoryView>> view)
    {
        public Lazy<Task<RepositoryView>> View => view;

        public long UsedAt { get; set; } = TimeProvider.System.GetTimestamp();
    }
}
