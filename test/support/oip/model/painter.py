"""A model for MLServer that takes what our `kserve` adapter sends and draws by giving the photo back."""

from mlserver import MLModel
from mlserver.codecs import Base64Codec, NumpyCodec, StringCodec
from mlserver.errors import MLServerError
from mlserver.types import InferenceRequest, InferenceResponse


class Painter(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        inputs = {tensor.name: tensor for tensor in payload.inputs}
        photo = Base64Codec.decode_input(inputs["image"])[0]
        prompt = StringCodec.decode_input(inputs["prompt"])[0]
        strength = NumpyCodec.decode_input(inputs["strength"])[0]
        if photo[:3] != b"\xff\xd8\xff" or not prompt or not 0 <= strength <= 1:
            raise MLServerError("not a drawing order", 400)
        return InferenceResponse(
            model_name=self.name,
            model_version=self.version,
            outputs=[Base64Codec.encode_output("image", [photo])],
        )
