using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace ProdOps.Servers.Secrets;

/// <summary>A password typed at a prompt.</summary>
internal sealed class SecureStringSecret(SecureString password) : SecretSource
{
    public override unsafe ValueTask<Secret> ResolveAsync(CancellationToken cancellationToken)
    {
        nint plain = Marshal.SecureStringToGlobalAllocUnicode(password);
        try
        {
            var characters = new ReadOnlySpan<char>((void*)plain, password.Length);
            byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(characters), pinned: true);
            Encoding.UTF8.GetBytes(characters, bytes);
            return new(Take(bytes, trim: false));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(plain);
        }
    }

    public override string ToString() => "The given password";
}
