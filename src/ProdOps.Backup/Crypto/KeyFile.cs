using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// A file below <c>keys/</c>: the master key sealed under a key derived from one password (restic, doc/design.rst, "Keys, Encryption
/// and MAC"). It is plain JSON and whoever can write to the repository can change it, so its numbers are checked before use.
/// </summary>
internal sealed class KeyFile
{
    private const int SaltSize = 64, MaxDataSize = 4096, MaxFileSize = 64 * 1024;

    /// <summary>Go's encoder leaves base64's <c>+</c> alone, and so does this one.</summary>
    internal static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ScryptParameters _parameters;
    private readonly byte[] _salt, _data;

    private KeyFile(DateTimeOffset created, string userName, string hostName, ScryptParameters parameters, byte[] salt, byte[] data)
    {
        Created = created;
        UserName = userName;
        HostName = hostName;
        _parameters = parameters;
        _salt = salt;
        _data = data;
    }

    /// <summary>When it was made; the default where the file does not tell.</summary>
    public DateTimeOffset Created { get; }

    public string UserName { get; }

    public string HostName { get; }

    public int N => _parameters.N;

    public int R => _parameters.R;

    public int P => _parameters.P;

    /// <param name="passwordUtf8">The password's UTF-8 bytes.</param>
    /// <param name="key">The repository's key, to be opened by that password.</param>
    /// <param name="userName">Who makes it.</param>
    /// <param name="hostName">On which machine.</param>
    /// <param name="timeProvider">Tells when, in which zone.</param>
    /// <param name="parameters">The cost of deriving; by default calibrated to half a second of this machine.</param>
    public static KeyFile Create(
        ReadOnlyMemory<byte> passwordUtf8, MasterKey key, string userName, string hostName, TimeProvider timeProvider,
        ScryptParameters? parameters = null)
    {
        var cost = parameters ?? ScryptParameters.Calibrate();
        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        byte[] json = key.ToJson();
        byte[] data = new byte[json.Length + MasterKey.Overhead];
        var userKey = DeriveKey(passwordUtf8.Span, salt, cost);
        userKey.Seal(json, data);
        userKey.Wipe();
        CryptographicOperations.ZeroMemory(json);
        return new KeyFile(timeProvider.GetLocalNow(), userName, hostName, cost, salt, data);
    }

    /// <param name="utf8">The file's bytes.</param>
    /// <param name="name">Its id, for messages.</param>
    public static KeyFile FromJson(ReadOnlySpan<byte> utf8, string? name = null)
    {
        if (utf8.Length > MaxFileSize) throw BackupErrors.KeyFileInvalid(name, $"it is {utf8.Length} bytes long");
        try
        {
            using var json = JsonDocument.Parse(utf8.ToArray());
            var root = json.RootElement;
            string? kdf = root.GetProperty("kdf"u8).GetString();
            if (kdf != "scrypt") throw BackupErrors.KeyFileInvalid(name, "it derives its key by something else than scrypt");
            var parameters = new ScryptParameters(
                root.GetProperty("N"u8).GetInt32(), root.GetProperty("r"u8).GetInt32(), root.GetProperty("p"u8).GetInt32());
            if (parameters.Problem is { } problem) throw BackupErrors.KeyFileInvalid(name, problem);
            byte[] salt = root.GetProperty("salt"u8).GetBytesFromBase64();
            if (salt.Length != SaltSize) throw BackupErrors.KeyFileInvalid(name, $"its salt has {salt.Length} bytes instead of {SaltSize}");
            byte[] data = root.GetProperty("data"u8).GetBytesFromBase64();
            if (data.Length is <= MasterKey.Overhead or > MaxDataSize)
                throw BackupErrors.KeyFileInvalid(name, $"its sealed key has {data.Length} bytes");
            return new KeyFile(
                ReadTime(root), ReadText(root, "username"), ReadText(root, "hostname"), parameters, salt, data);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw BackupErrors.KeyFileInvalid(name, "it is not the JSON of a key", e);
        }
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("created"u8, Created);
            json.WriteString("username"u8, UserName);
            json.WriteString("hostname"u8, HostName);
            json.WriteString("kdf"u8, "scrypt"u8);
            json.WriteNumber("N"u8, N);
            json.WriteNumber("r"u8, R);
            json.WriteNumber("p"u8, P);
            json.WriteBase64String("salt"u8, _salt);
            json.WriteBase64String("data"u8, _data);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The master key, or <see langword="null"/> if this is not the password it was sealed with.</summary>
    public MasterKey? TryOpen(ReadOnlyMemory<byte> passwordUtf8)
    {
        byte[] json = GC.AllocateArray<byte>(_data.Length - MasterKey.Overhead, pinned: true);
        var userKey = DeriveKey(passwordUtf8.Span, _salt, _parameters);
        try
        {
            return userKey.TryOpen(_data, json) ? MasterKey.FromJson(json) : null;
        }
        finally
        {
            userKey.Wipe();
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static MasterKey DeriveKey(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ScryptParameters parameters)
    {
        Span<byte> derived = stackalloc byte[64];
        try
        {
            Scrypt.DeriveKey(password, salt, parameters, derived);
            return MasterKey.FromParts(derived[..32], derived[32..48], derived[48..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    // Who made a key and when is for people: a file without it still opens the repository.
    private static string ReadText(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static DateTimeOffset ReadTime(JsonElement root) =>
        DateTimeOffset.TryParse(ReadText(root, "created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;
}
