using System.Management.Automation.Provider;
using System.Globalization;
using System.Text;
using ProdOps.Backup;

namespace ProdOps.Cmdlets.Drive;

public sealed partial class BackupProvider : IContentCmdletProvider
{
    /// <inheritdoc/>
    public IContentReader? GetContentReader(string path)
    {
        IContentReader? reader = null;
        Guard(() =>
        {
            if (!TryFind(path, out var location, out _) || location.Snapshot is null) throw BackupErrors.ItemHasNoContent(path, BackupItemType.Directory);
            var given = DynamicParameters as BackupContentParameters ?? new BackupContentParameters();
            var encoding = given.AsByteStream ? null : FindEncoding(given.Encoding);
            var content = Run(async (activity, token) => await (await View.BrowseAsync(location.Snapshot, activity, token)).OpenContentAsync(location.Path, token));
            reader = new BackupContentReader(content, encoding, given.Raw);
        });
        return reader;
    }

    /// <inheritdoc/>
    public object GetContentReaderDynamicParameters(string path) => new BackupContentParameters();

    /// <inheritdoc/>
    public IContentWriter? GetContentWriter(string path)
    {
        Guard(() => throw BackupErrors.BackupsAreReadOnly(path));
        return null;
    }

    /// <inheritdoc/>
    public object? GetContentWriterDynamicParameters(string path) => null;

    /// <inheritdoc/>
    public void ClearContent(string path) => Guard(() => throw BackupErrors.BackupsAreReadOnly(path));

    /// <inheritdoc/>
    public object? ClearContentDynamicParameters(string path) => null;

    // PowerShell writes utf8, .NET utf-8.
    private static Encoding FindEncoding(string name) => name.ToLowerInvariant() switch
    {
        "utf8" or "utf8bom" or "utf8nobom" => Encoding.UTF8,
        "unicode" => Encoding.Unicode,
        "bigendianunicode" => Encoding.BigEndianUnicode,
        "utf32" => Encoding.UTF32,
        var other => int.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out int page) ? Encoding.GetEncoding(page) : Encoding.GetEncoding(other),
    };
}
