using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Recovery.Capture;

/// <summary>Captures as files: JSON, one capture a file, readable by anybody.</summary>
internal static class ConfigurationJson
{
    private const string Format = "prodops-server-configuration/1";

    private const int MaximumSize = 256 * 1024 * 1024;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string ToText(ServerConfiguration capture) => JsonSerializer.Serialize(new CaptureFile { Format = Format, Capture = capture }, Options) + "\n";

    /// <summary>Reads one.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public static ServerConfiguration Parse(string path, string text)
    {
        try
        {
            var file = JsonSerializer.Deserialize<CaptureFile>(text, Options);
            return file is { Capture: { } capture } && file.Format == Format && capture.Items.All(item => item is { Properties: not null }) ? capture : throw RecoveryErrors.CaptureUnreadable(path, "it is no capture of this format", null);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw RecoveryErrors.CaptureUnreadable(path, error.Message, error);
        }
    }

    /// <exception cref="ProdOpsException">It cannot be read, or is no capture.</exception>
    public static async Task<ServerConfiguration> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumSize) throw RecoveryErrors.CaptureUnreadable(path, "it is too large", null);
            return Parse(path, await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw RecoveryErrors.CaptureNotFound(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.CaptureUnreadable(path, error.Message, error);
        }
    }

    /// <summary>Writes one, for its owner only: it tells what a server is made of.</summary>
    /// <param name="path">The file, or a folder, which gets a file named after the server and the moment.</param>
    /// <param name="capture">The capture.</param>
    /// <param name="cancellationToken">Stops it; no half file is left.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public static async Task<string> SaveAsync(string path, ServerConfiguration capture, CancellationToken cancellationToken)
    {
        string temporary = "";
        try
        {
            if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                Directory.CreateDirectory(path);
                path = Path.Join(path, $"{string.Concat(capture.Server.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_')).TrimStart('.')}-{capture.Time.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.json");
            }

            temporary = $"{path}.{Guid.NewGuid():N}.tmp";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new StreamWriter(temporary, options)) await file.WriteAsync(ToText(capture).AsMemory(), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.CaptureNotWritten(path, error);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    private sealed record CaptureFile
    {
        public string Format { get; init; } = "";

        public ServerConfiguration? Capture { get; init; }
    }
}
