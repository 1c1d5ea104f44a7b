using System.Text;

namespace ProdOps.Servers.Inventory;

/// <summary>Writes environment files.</summary>
internal static class EnvironmentFile
{
    /// <summary>The name for an environment whose file is written here: that of the folder, as far as it can be one.</summary>
    public static string NameFor(string path)
    {
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
        string name = new([.. folder.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-').SkipWhile(c => !char.IsAsciiLetterOrDigit(c))]);
        return name.Length > 0 ? name : "environment";
    }

    /// <summary>Writes the whole file or nothing.</summary>
    /// <exception cref="ProdOpsException">It is there and must not be replaced, or cannot be written.</exception>
    public static async Task WriteAsync(string path, string text, bool replace, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(temporary, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, replace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw !replace && File.Exists(path) ? ServersErrors.EnvironmentExists(path) : ServersErrors.EnvironmentNotWritten(path, exception);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }
}
